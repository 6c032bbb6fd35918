"""What detection says of a metric, over HTTP: lists, pages, a picture."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pyarrow as pa
import pytest

from quality_platform.model.tables_explanations import BOTTLENECKS, METRIC_CHANGE_CAUSES
from quality_platform.model.tables_verdicts import CHANGE_STORIES, METRIC_CHANGES, METRIC_CROSSINGS, METRIC_FORECASTS
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.live import Live

MONITORING = "/api/v1/quality-monitoring"
METRIC = "checkout.latency"
START = datetime.now(UTC).replace(microsecond=0) - timedelta(days=10)
KEY = {"metric": METRIC, "subject": "till", "labels": "{}"}


@pytest.fixture(scope="module")
def told(live: Live) -> Live:
    """Three series, the one of project `told` with a step and a story."""
    points = [
        {**KEY, "project": project, "observed_at": START + timedelta(hours=hour), "value": 10.0 + 5 * (hour >= 40),
         "batch_id": "b"}
        for project in ("told", "told-2", "told-3") for hour in range(80)
    ]  # fmt: skip
    step = {**KEY, "project": "told", "changed_at": START + timedelta(hours=40)}
    change = {**step, "changed_after": START + timedelta(hours=39), "commit_sha": "c0ffee" * 6, "before": 10.0,
              "after": 15.0, "effect": 5.0, "effect_percent": 50.0, "p_value": 1e-9, "direction": "regression",
              "detected_at": START}  # fmt: skip
    story = {**step, "story_id": "s1", "is_headline": True, "title": "Latency moved", "started_at": START,
             "ended_at": step["changed_at"], "steps": 1, "regressions": 1, "improvements": 0}  # fmt: skip
    known = {**KEY, "project": "told", "batch_id": "b"}
    ahead = [
        {**known, "forecast_at": START + timedelta(days=11 + day), "expected": 15.0 + day, "lower": 14.0, "upper": 20.0,
         "made_from": START, "last_value": 15.0, "method": "theta", "error": 1.0, "detected_at": START}
        for day in range(3)
    ]  # fmt: skip
    crossing = {**known, "rule": "r", "severity": "critical", "threshold": 17.0, "method": "forecast",
                "expected_at": START + timedelta(days=13), "earliest_at": START + timedelta(days=12), "latest_at": None,
                "known_at": START}  # fmt: skip
    causes = [
        {**step, "dimension": dimension, "rank": rank, "part": part, "parts": 1, "contribution": 5.0 * share,
         "share": share, "effect": 5.0, "window_start": START, "window_end": START, "evidence": "FROM raw.x",
         "detected_at": START}
        for dimension, rank, part, share in (
            ("commit", 1, "c0ffee", 1.0), ("file", 1, "a.py", 0.6), ("file", 2, "b.py", 0.3), ("file", 3, "c.py", 0.06),
            ("file", 4, None, 0.04),
        )
    ]  # fmt: skip
    slow = [
        {"project": "told", "period": period, "rank": rank, "kind": kind, "service": "web", "name": name, "score": 0.5,
         "requests_p95_ms": 9.0, "window_start": START, "window_end": START, "evidence": "So.", "detected_at": START}
        for period in ("24h", "7d") for rank, kind, name in ((1, "route", "/slow"), (2, "resource", "cpu"))
    ]  # fmt: skip
    lake = Lake(live.settings)
    with lake.writing("marts", "test") as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS marts.fct_observations (metric VARCHAR, project VARCHAR, subject VARCHAR, "
            "labels VARCHAR, observed_at TIMESTAMPTZ, value DOUBLE, batch_id VARCHAR)"
        )
        tables = (
            ("fct_observations", pa.Table.from_pylist(points)),
            ("metric_changes", pa.Table.from_pylist([change], schema=METRIC_CHANGES.schema)),
            ("metric_forecasts", pa.Table.from_pylist(ahead, schema=METRIC_FORECASTS.schema)),
            ("metric_crossings", pa.Table.from_pylist([crossing], schema=METRIC_CROSSINGS.schema)),
            ("metric_change_causes", pa.Table.from_pylist(causes, schema=METRIC_CHANGE_CAUSES.schema)),
            ("bottlenecks", pa.Table.from_pylist(slow, schema=BOTTLENECKS.schema)),
            ("change_stories", pa.Table.from_pylist([story], schema=CHANGE_STORIES.schema)),
        )
        for name, rows in tables:
            connection.register("planted", rows)
            connection.execute(f"INSERT INTO marts.{name} BY NAME SELECT * FROM planted")
            connection.unregister("planted")
    lake.close()
    return live


def ask(live: Live, path: str, **query: object) -> httpx.Response:
    headers = {"Authorization": f"Bearer {live.token()}"}
    return httpx.get(f"{live.base}{MONITORING}{path}", params=query, headers=headers, timeout=30)  # type: ignore[arg-type]


def test_series_by_pages(told: Live) -> None:
    first = ask(told, f"/metrics/{METRIC}/series", limit=2).json()
    rest = ask(told, f"/metrics/{METRIC}/series", limit=2, offset=2).json()

    assert [each["project"] for each in first["series"]] == ["told", "told-2"]
    assert (first["more"], rest["more"]) == (True, False)
    assert rest["series"][0] | {"first_at": "", "last_at": ""} == {
        **KEY, "project": "told-3", "points": 80, "first_at": "", "last_at": "", "last_value": 15.0,
    }  # fmt: skip


def test_verdicts_of_one_project(told: Live) -> None:
    found = ask(told, f"/metrics/{METRIC}/verdicts", project_id="told").json()
    other = ask(told, f"/metrics/{METRIC}/verdicts", project_id="told-2").json()

    assert [each["effect_percent"] for each in found["changes"]] == [50.0]
    assert [each["expected"] for each in found["forecasts"]] == [17.0, 16.0, 15.0]
    assert [each["threshold"] for each in found["crossings"]] == [17.0]
    assert other["changes"] == found["trends"] == []


def test_a_picture(told: Live) -> None:
    drawn = ask(told, f"/metrics/{METRIC}/plot", project_id="told")
    dots = ask(told, f"/metrics/{METRIC}/plot", project_id="told", format="png")
    none = ask(told, f"/metrics/{METRIC}/plot", project_id="nobody")

    assert (drawn.headers["content-type"], drawn.text[:4]) == ("image/svg+xml", "<svg")
    assert (dots.headers["content-type"], dots.content[:4]) == ("image/png", b"\x89PNG")
    assert (none.status_code, none.headers["content-type"]) == (404, "application/problem+json")


def test_stories(told: Live) -> None:
    (story,) = ask(told, "/stories", project_id="told").json()["stories"]
    assert (story["title"], [each["metric"] for each in story["changes"]]) == ("Latency moved", [METRIC])


def test_causes_of_a_step(told: Live) -> None:
    found = ask(told, f"/metrics/{METRIC}/causes", project_id="told", dimension="file").json()
    first = ask(told, f"/metrics/{METRIC}/causes", project_id="told", limit=2).json()
    rest = ask(told, f"/metrics/{METRIC}/causes", project_id="told", limit=3, offset=2).json()
    (change,) = ask(told, f"/metrics/{METRIC}/verdicts", project_id="told").json()["changes"]

    assert [each["part"] for each in found["causes"]] == ["a.py", "b.py", "c.py", None]
    assert [each["part"] for each in (*first["causes"], *rest["causes"])] == ["c0ffee", "a.py", "b.py", "c.py", None]
    assert (first["more"], rest["more"]) == (True, False)
    assert [each["part"] for each in change["causes"]] == ["c0ffee", "a.py", "b.py", "c.py"]
    assert ask(told, f"/metrics/{METRIC}/causes", project_id="told-2").json() == {"causes": [], "more": False}
    assert ask(told, f"/metrics/{METRIC}/causes", days=1).json()["causes"] == []


def test_bottlenecks(told: Live) -> None:
    found = ask(told, "/bottlenecks", project_id="told", limit=3).json()
    day = ask(told, "/bottlenecks", project_id="told", period="24h", kind="resource", service="web").json()

    assert [(each["period"], each["name"]) for each in found["bottlenecks"]] == [
        ("24h", "/slow"), ("24h", "cpu"), ("7d", "/slow"),
    ]  # fmt: skip
    assert (found["more"], day["more"]) == (True, False)
    assert [each["evidence"] for each in day["bottlenecks"]] == ["So."]
    assert ask(told, "/bottlenecks", period="1h").status_code == 422
    assert ask(told, "/bottlenecks", service="nobody").json() == {"bottlenecks": [], "more": False}


def test_what_will_be_crossed(told: Live) -> None:
    (crossing,) = ask(told, "/crossings", project_id="told").json()["crossings"]
    assert (crossing["metric"], crossing["threshold"], crossing["latest_at"]) == (METRIC, 17.0, None)
    assert ask(told, "/crossings", project_id="told", severity="warning").json() == {"crossings": [], "more": False}
    assert ask(told, "/crossings", project_id="told", days=1).json()["crossings"] == []
