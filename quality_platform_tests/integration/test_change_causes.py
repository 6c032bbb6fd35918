"""What explains a step, of every metric that has parts, on models that dbt has built, against plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import fmean
from typing import Any

import pyarrow as pa
import pytest

from quality_platform.assessment.causes import write_causes
from quality_platform.assessment.parts.registry import DIMENSIONS, points
from quality_platform.model.tables_verdicts import METRIC_CHANGES
from quality_platform.reports.movements import worse
from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data import synthetic, turning
from quality_platform_tests.data.dbt_runs import dbt, new_lake
from quality_platform_tests.data.turning import MEASURES, TURN

pytestmark = pytest.mark.usefixtures("dbt_prepared")

Row = dict[str, Any]
NOW = datetime(2026, 8, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def lake(made_once: Callable[..., Settings]) -> Iterator[Lake]:
    """A project where everything turned at `TURN`, with a step planted there in every series."""
    with closing(Lake(made_once("turning", make))) as found:
        yield found


def make(settings: Settings) -> None:
    found = new_lake(settings)
    synthetic.store(found, turning.repository(), collector="repository", head=f"c{2 * turning.COMMITS - 1:02}")
    live = {"request_samples": turning.calls(), "sessions": turning.sessions(), "ingest_counts": turning.counts()}
    synthetic.store(found, live | {"error_events": turning.errors(), "usage_events": turning.usage()}, collector="live")
    refuse(found)
    score(found)
    dbt(found, "run")
    plant(found)
    write_causes(found, NOW)
    found.close()


def refuse(lake: Lake) -> None:
    """Refused rows, hour by hour, as if they had come in then."""
    with lake.writing("raw", "test") as connection:
        for at, after in turning.hours():
            refused = {"metric_samples: no value": 1, "error_events: no time": 9 if after else 2}
            connection.execute(
                "INSERT INTO raw.batches (project, batch_id, source_id, ingested_at, collector, collector_version, "
                "read_from, row_count, rejected_count, tables, snapshot_id) "
                "VALUES ('shop', ?, 's', ?, 'test', '1', '{}', 0, ?, '{}', 0)",
                [f"r-{at}", at, sum(refused.values())],
            )
            connection.execute(
                "INSERT INTO raw.quarantine (project, batch_id, source_id, ingested_at, table_name, position, reason) "
                "SELECT 'shop', ?, 's', ?, split_part(what, ': ', 1), n::VARCHAR, split_part(what, ': ', 2) "
                "FROM (SELECT unnest(?) AS what, unnest(?) AS counted), range(counted) AS ns (n)",
                [f"r-{at}", at, list(refused), list(refused.values())],
            )


def score(lake: Lake) -> None:
    from quality_platform.assessment.security import write_scores

    write_scores(lake, NOW)


def plant(lake: Lake) -> None:
    """A step of every series that can be explained; of commits' coverage when the tests ran."""
    series = lake.rows(
        "SELECT metric, project, subject, labels, min(observed_at) AS at, max(observed_at) AS until "
        "FROM marts.fct_observations WHERE observed_at >= ? GROUP BY ALL",
        [TURN],
    )
    rows = [
        {**{name: row[name] for name in ("metric", "project", "subject", "labels")}, "changed_at": row["at"],
         "before": 0.0, "after": 1.0, "effect": 1.0, "p_value": 0.0, "direction": "neutral", "detected_at": NOW}
        for row in series
    ]  # fmt: skip
    lake.replace("metric_changes", pa.Table.from_pylist(rows, schema=METRIC_CHANGES.schema))


def told(lake: Lake, metric: str, dimension: str) -> dict[str | None, Row]:
    found = lake.rows(
        "SELECT * FROM marts.metric_change_causes WHERE metric = ? AND dimension = ? ORDER BY rank", [metric, dimension]
    )
    return {row["part"]: row for row in found}


PAIRS = sorted({(metric, each.name) for each in DIMENSIONS for metric in each.metrics})


@pytest.mark.parametrize(("metric", "dimension"), PAIRS)
def test_shares_add_up_to_the_effect_of_the_observations(lake: Lake, metric: str, dimension: str) -> None:
    rows = told(lake, metric, dimension).values()
    values: dict[bool, list[float]] = defaultdict(list)
    for row in lake.rows("SELECT * FROM marts.fct_observations WHERE metric = ? ORDER BY observed_at", [metric]):
        values[row["observed_at"] >= TURN].append(row["value"])
    effect = fmean(values[True][: points()[metric]]) - fmean(values[False][-points()[metric] :])

    assert rows
    assert [row["effect"] for row in rows] == pytest.approx([effect] * len(rows))
    assert sum(row["share"] for row in rows) == pytest.approx(1)
    assert sum(row["contribution"] for row in rows) == pytest.approx(effect)
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    sizes = [abs(row["contribution"]) for row in rows if row["part"] is not None]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize(("metric", "dimension"), PAIRS)
def test_evidence_leads_to_raw_rows(lake: Lake, metric: str, dimension: str) -> None:
    for part, row in told(lake, metric, dimension).items():
        assert (part is None) == (row["evidence"] is None)
        assert part is None or lake.rows(f"{row['evidence']} LIMIT 1"), (part, row["evidence"])


def averaged(measure: Callable[[str], float]) -> dict[str, tuple[float, float]]:
    """Each file's mean of `measure` of its blobs over five commits before and five after."""
    found: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    trees = list(turning.trees())
    near = trees[turning.COMMITS - 5 : turning.COMMITS + 5]
    for at, _, tree in near:
        for path, blob in tree.items():
            found[path][at >= TURN] += (measure(blob) if blob in MEASURES else 0.0) / 5
    return {path: (before, after) for path, (before, after) in found.items()}


def test_files_of_a_sum(lake: Lake) -> None:
    expected = averaged(lambda blob: MEASURES[blob][0])
    found = told(lake, "code.cyclomatic_complexity", "file")

    assert {path: (row["before"], row["after"]) for path, row in found.items()} == {
        path: pytest.approx(sides) for path, sides in expected.items() if sides[0] != sides[1]
    }
    assert next(iter(found)) == "a.py"
    assert all(row["contribution"] == pytest.approx(row["after"] - row["before"]) for row in found.values())


def test_files_of_a_ratio_are_what_putting_them_back_undoes(lake: Lake) -> None:
    found = told(lake, "code.maintainability_index", "file")
    sides: dict[bool, dict[str, list[float]]] = {side: defaultdict(lambda: [0.0, 0.0]) for side in (False, True)}
    for at, _, tree in list(turning.trees())[turning.COMMITS - 5 : turning.COMMITS + 5]:
        lines = sum(MEASURES[blob][1] for blob in tree.values() if blob in MEASURES)
        for path, blob in tree.items():
            if blob in MEASURES:
                sides[at >= TURN][path][0] += MEASURES[blob][1] * MEASURES[blob][2] / lines / 5
                sides[at >= TURN][path][1] += MEASURES[blob][1] / lines / 5
    before, after = (sum(n for n, _ in sides[side].values()) for side in (False, True))
    for path, row in found.items():
        (n0, w0), (n1, w1) = (sides[side][str(path)] for side in (False, True))
        back = after - (after - n1 + n0) / (1 - w1 + w0)
        forward = (before - n0 + n1) / (1 - w0 + w1) - before
        expected = (back * (1 - w1 + w0) + forward * (1 - w0 + w1)) / 2
        assert row["contribution"] == pytest.approx(expected), path
        assert (row["weight_before"], row["weight_after"]) == pytest.approx((w0, w1))
    assert next(iter(found)) == "a.py"


def test_functions_and_rules(lake: Lake) -> None:
    assert next(iter(told(lake, "code.cyclomatic_complexity", "function"))) == "a.py: pay"
    rules = told(lake, "code.findings_high", "rule")
    assert [(rule, row["after"] > row["before"]) for rule, row in rules.items()] == [
        ("bandit B100", True), ("bandit B101", True),
    ]  # fmt: skip


def test_the_commit_of_the_step_comes_first_and_commits_beside_it_count_less(lake: Lake) -> None:
    found = told(lake, "code.cyclomatic_complexity", "commit")
    assert list(found) == ["c06", "c08", "c04"]
    # whole, three of five trees after it, two of five before it: the trees that it is in
    assert [row["contribution"] for row in found.values()] == pytest.approx([40, 5 * 3 / 5, 2 * 3 / 5])
    assert (found["c06"]["before"], found["c06"]["after"]) == (32, 72)


@pytest.mark.parametrize(
    ("metric", "dimension", "first"),
    [
        ("errors.events", "error_group", "It's odd: no"),
        ("errors.groups", "error_group", "It's odd: no"),
        ("errors.crash_free_sessions", "release", "2.0"),
        ("usage.events", "event", "look"),
        ("usage.active_users", "event", "look"),
        ("platform.quarantined_rows", "reason", "error_events: no time"),
        ("ingest.rejected_share", "door", "otlp error"),
        ("performance.requests", "route", "GET /new"),
        ("performance.error_rate", "route", "GET /pay"),
        ("performance.p99_ms", "route", "GET /pay"),
        ("performance.p50_ms", "route", "GET /new"),
        ("performance.apdex", "route", "GET /pay"),
        ("database.p99_ms", "statement", "select pay"),
        ("database.error_rate", "statement", "select pay"),
        ("cache.hit_rate", "key", "user:*"),
        ("code.coverage_percent", "file", "a.py"),
        ("security.score", "file", "a.py"),
        ("security.score", "rule", "bandit B101"),
    ],
)
def test_what_turned_comes_first(lake: Lake, metric: str, dimension: str, first: str) -> None:
    found = told(lake, metric, dimension)
    assert next(iter(found)) == first
    assert found[first]["share"] > 0.5 or len(found) > 2


def test_users_of_several_parts_add_up(lake: Lake) -> None:
    found = told(lake, "usage.active_users", "event")
    # ten of twenty do both and count half in each
    assert {part: row["before"] for part, row in found.items()} == pytest.approx({"pay": 5, "look": 15})


def test_a_percentile_is_told_in_its_own_unit(lake: Lake) -> None:
    row = told(lake, "performance.p99_ms", "route")["GET /pay"]
    assert (row["before"] < 70, row["after"] > 900) == (True, True)
    assert row["contribution"] == pytest.approx(row["share"] * row["effect"])
    assert row["share"] == pytest.approx(1, abs=0.05)


def test_the_report_names_what_moved_most(lake: Lake) -> None:
    kept = lake.read("SELECT * REPLACE ('regression' AS direction, 50.0 AS effect_percent) FROM marts.metric_changes")
    lake.replace("metric_changes", kept.cast(METRIC_CHANGES.schema))
    since = datetime(2026, 1, 1, tzinfo=UTC)
    lines = {item.text.split(":")[1].split(" (")[0].strip(): item.text for item in worse(lake, since, most=99).items}

    assert lines["Cyclomatic complexity"].endswith("; most moved with it: a.py (90%).")
    assert lines["Errors per hour"].endswith("; most moved with it: It's odd: no (80%), OSError: no (20%).")
    assert lines["Error rate"].endswith("; most moved with it: GET /pay (101%).")


def test_what_is_explained_stays_until_its_window_grows(lake: Lake) -> None:
    later = NOW + timedelta(hours=1)
    assert write_causes(lake, later) == 0
    before = lake.rows("SELECT * FROM marts.metric_change_causes ORDER BY ALL")
    with lake.writing("marts", "test") as connection:
        connection.execute(
            "UPDATE marts.fct_observations_derived SET value = value + 1 WHERE metric = 'code.files' AND observed_at = ?",
            [TURN],
        )
    assert write_causes(lake, later) > 0
    after = lake.rows("SELECT * FROM marts.metric_change_causes ORDER BY ALL")
    assert [row for row in before if row["metric"] != "code.files"] == [
        row for row in after if row["metric"] != "code.files"
    ]
    assert {row["detected_at"] for row in after if row["metric"] == "code.files"} == {later}


def test_a_step_that_is_gone_takes_its_causes_with_it(lake: Lake, tmp_path: Path) -> None:
    kept = lake.read("SELECT * FROM marts.metric_changes")
    lake.replace("metric_changes", kept.slice(0, 0))
    write_causes(lake, NOW)
    assert lake.rows("SELECT * FROM marts.metric_change_causes") == []
    lake.replace("metric_changes", kept)
    assert write_causes(lake, NOW) > 0


def test_parts_beyond_the_largest_are_one_row(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    before = told(lake, "code.maintainability_index", "file")
    with lake.writing("marts", "test") as connection:
        connection.execute("DELETE FROM marts.metric_change_causes")
    monkeypatch.setattr("quality_platform.assessment.causes.MOST", 1)
    write_causes(lake, NOW)

    found = told(lake, "code.maintainability_index", "file")
    first, rest = found["a.py"], found[None]
    others = [row for part, row in before.items() if part != "a.py"]
    assert len(found) == 2
    assert (first["rank"], first["share"]) == (1, pytest.approx(before["a.py"]["share"]))
    assert (rest["rank"], rest["parts"], rest["evidence"]) == (2, len(others), None)
    for name in ("contribution", "share", "weight_before", "weight_after"):
        assert rest[name] == pytest.approx(sum(row[name] for row in others)), name
    assert rest["batch_id"]
