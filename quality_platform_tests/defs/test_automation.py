"""New samples without a run: the marts follow at the next ten-minute mark, in one run that can really be executed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from quality_platform.cli.home import prepare
from quality_platform.defs import keys, sensors
from quality_platform.defs.build import build
from quality_platform.defs.dbt.project import target
from quality_platform.defs.platform import Platform
from quality_platform.settings import Settings
from quality_platform_tests.data.dbt_runs import take_parsed

QUIET = datetime(2026, 5, 1, 12, 3, tzinfo=UTC)
MARK = datetime(2026, 5, 1, 12, 10, 5, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path, parsed_models: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    found = Settings(home=tmp_path / "home")
    prepare(found)
    take_parsed(parsed_models, target(found))
    return found


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    folder = tmp_path / "instance"
    folder.mkdir()
    with dg.DagsterInstance.local_temp(str(folder)) as found:
        yield found


@pytest.mark.timeout(3600)
@pytest.mark.filterwarnings("ignore:Parameter `include_sources`")  # of dagster's own evaluation for tests
def test_marts_follow_samples_in_one_run(settings: Settings, instance: dg.DagsterInstance) -> None:
    definitions = build(settings)
    job = definitions.resolve_job_def("refresh")
    assert job.execute_in_process(instance=instance).success
    first = dg.evaluate_automation_conditions(definitions, instance, evaluation_time=QUIET)

    platform = Platform(settings)
    with dg.build_sensor_context(instance=instance) as context:
        result = sensors.host_samples(context, platform=platform)
    (event,) = result.asset_events
    assert event.asset_key == keys.raw("metric_samples")
    instance.report_runless_asset_event(event)
    platform.lake.close()

    between = dg.evaluate_automation_conditions(definitions, instance, evaluation_time=QUIET, cursor=first.cursor)
    assert between.total_requested == 0
    due = dg.evaluate_automation_conditions(definitions, instance, evaluation_time=MARK, cursor=between.cursor)
    requested = [result.key for result in due.results if due.get_num_requested(result.key)]
    names = {key.to_user_string() for key in requested if isinstance(key, dg.AssetKey)}
    assert {"marts/fct_observations_samples", "marts/fct_observations", "marts/metric_trends"} <= names
    assert "marts/code_quality_by_commit" not in names

    # what the daemon does with them: these assets, with their checks, as one run
    subset = definitions.resolve_implicit_global_asset_job_def().get_subset(
        asset_selection={key for key in requested if isinstance(key, dg.AssetKey)}
    )
    ran = subset.execute_in_process(instance=instance)
    assert ran.success
    assert all(evaluation.passed for evaluation in ran.get_asset_check_evaluations())
    assert ran.get_asset_check_evaluations()
