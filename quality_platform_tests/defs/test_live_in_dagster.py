"""What the live service stores and what is asked by the clock, as Dagster sees it: assets, checks, events, no run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from quality_platform.cli.home import prepare
from quality_platform.defs import arrivals, keys, sensors
from quality_platform.defs.build import build
from quality_platform.defs.dbt.project import target
from quality_platform.defs.platform import Platform
from quality_platform.model.batch import Batch, Source
from quality_platform.model.tables import RAW_TABLES, SENT_BY_CLIENTS
from quality_platform.model.tables_runtime import METRIC_SAMPLES
from quality_platform.settings import Settings
from quality_platform_tests.data.dbt_runs import take_parsed
from quality_platform_tests.data.receivers import answering, receiving


@pytest.fixture
def platform(tmp_path: Path, parsed_models: Path) -> Iterator[Platform]:
    config = tmp_path / "quality.yaml"
    config.write_text("projects: [{id: shop, probes: [{name: p, process: no such process}]}]\n")
    settings = Settings(home=tmp_path / "home", config=config)
    prepare(settings)
    take_parsed(parsed_models, target(settings))
    found = Platform(settings)
    yield found
    found.lake.close()


def test_every_raw_table_is_one_asset_below_its_sources(platform: Platform) -> None:
    graph = build(platform.settings).resolve_asset_graph()
    nodes = {name: graph.get(keys.raw(name)) for name in RAW_TABLES}
    assert {name for name, node in nodes.items() if keys.LIVE_CLIENTS in node.parent_keys} == SENT_BY_CLIENTS
    assert {name for name, node in nodes.items() if not node.is_executable} == {
        "sessions", "client_losses", "ingest_counts",
    }  # fmt: skip
    samples = nodes["metric_samples"]
    assert keys.source("probes", "shop") in samples.parent_keys
    checks = {check.name for check in graph.get_check_keys_for_assets({samples.key})}
    assert {"system_readable", "probes_readable", "scrape_readable"} <= checks


def test_a_run_reads_all_collectors_of_a_table(platform: Platform) -> None:
    job = build(platform.settings).resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        ran = job.get_subset(asset_selection={keys.raw("metric_samples")}).execute_in_process(instance=instance)
    assert ran.success
    assert {check.check_name for check in ran.get_asset_check_evaluations() if check.passed} == {
        "system_readable", "probes_readable", "scrape_readable", "keeps_contract",
    }  # fmt: skip
    rows = platform.lake.rows("SELECT DISTINCT split_part(metric, '.', 1) AS area FROM raw.metric_samples")
    assert {"system", "probe"} <= {row["area"] for row in rows}


def test_the_sensor_asks_what_is_due_and_only_then(platform: Platform) -> None:
    with receiving(answering(200, b"a 1\n")) as server, dg.DagsterInstance.ephemeral() as instance:
        assert platform.settings.config is not None
        platform.settings.config.write_text(
            f"projects: [{{id: shop, scrape: [{{name: s, url: '{server.url()}', interval_seconds: 3600}}]}}]\n"
        )
        for _ in range(2):
            with dg.build_sensor_context(instance=instance) as context:
                (event,) = sensors.host_samples(context, platform=platform).asset_events
            assert event.asset_key == keys.raw("metric_samples")
        assert len(server.requests) == 1
        with dg.build_sensor_context(instance=instance) as context:
            assert not isinstance(sensors.sources_changed(context, platform=platform), dg.SensorResult)


def test_what_has_come_in_is_noted_once(platform: Platform) -> None:
    def look(cursor: str | None) -> Any:
        with dg.build_sensor_context(cursor=cursor) as context:
            return arrivals.live_arrivals(context, platform=platform)

    first = look(None)
    assert not first.asset_events
    assert isinstance(look(first.cursor), dg.SkipReason)

    source = Source("live:shop", "live", "shop", "Live clients of shop")
    rows = METRIC_SAMPLES.schema.empty_table().from_pylist(
        [
            {"metric": "m", "subject": "s", "labels": "{}", "observed_at": n, "value": 1.0, "kind": "gauge"}
            for n in (1, 2)
        ],
        schema=METRIC_SAMPLES.schema,
    )
    for name, run_id in (("a", None), ("b", "run")):
        platform.lake.append(Batch(name, source, "live", "1", {}, {"metric_samples": rows}), run_id=run_id)
    found = look(first.cursor)
    assert [(event.asset_key, event.metadata["rows_added"].value) for event in found.asset_events] == [
        (keys.raw("metric_samples"), 2)
    ]
    assert isinstance(look(found.cursor), dg.SkipReason)
