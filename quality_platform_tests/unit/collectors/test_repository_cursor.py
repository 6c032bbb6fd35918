from __future__ import annotations

import json

import pytest

from quality_platform.collectors.repository import COLLECTOR
from quality_platform.collectors.repository.coverage.reports import Report
from quality_platform.collectors.repository.cursor import Cursor, cursor_of
from quality_platform.collectors.repository.remote import Head
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.tables import RAW_TABLES

REPORT = Report("abc", 3, 1_000)
TOOLS = {"numbers": "1", "ruff": "2"}
DONE = Cursor("a" * 40, "main", 50, complete=True, reports={"lcov.info": REPORT}, tools=TOOLS)


def test_a_cursor_survives_the_ledger() -> None:
    assert cursor_of(json.loads(json.dumps({"url": "x", **DONE.as_json(), "commits": 3}))) == DONE
    assert cursor_of(None) == cursor_of({}) == Cursor()


@pytest.mark.parametrize(
    ("head", "history", "reports", "behind"),
    [
        ("a", 50, {}, False),
        ("a", 50, {"lcov.info": REPORT}, False),
        ("a", 20, {}, False),
        ("a", 50, {"lcov.info": Report("abc", 3, 2_000)}, False),
        ("b", 50, {}, True),
        ("a", 51, {}, True),
        ("a", 50, {"lcov.info": Report("def", 3, 1_000)}, True),
        ("a", 50, {"coverage.xml": REPORT}, True),
    ],
)
def test_what_is_new(head: str, history: int, reports: dict[str, Report], behind: bool) -> None:
    assert DONE.is_behind(Head(head * 40, "any"), history, reports, TOOLS) is behind


def test_nothing_and_a_scan_that_was_killed_are_behind() -> None:
    head = Head("a" * 40, "main")
    assert Cursor().is_behind(head, 1, {}, {})
    assert Cursor("a" * 40, "main", 50, complete=False).is_behind(head, 50, {}, {})


@pytest.mark.parametrize(
    ("tools", "behind"),
    [({}, False), ({"ruff": "2"}, False), ({"ruff": "3"}, True), ({"ruff": "2", "bandit": "1"}, True)],
)
def test_another_tool_or_version_is_another_look(tools: dict[str, str], *, behind: bool) -> None:
    assert DONE.is_behind(Head("a" * 40, "any"), 50, {}, tools) is behind


def test_the_active_projects_with_a_repository_are_found() -> None:
    config = QualityConfig.model_validate(
        {
            "projects": [
                {"id": "one", "repository": {"url": "https://me:secret@host/one.git", "history": 7}},
                {"id": "two", "repository": {"url": "/srv/two"}},
                {"id": "none"},
                {"id": "old", "status": "archived", "repository": {"url": "/srv/old"}},
                {"id": "still", "status": "paused", "repository": {"url": "/srv/still"}},
            ]
        }
    )
    one, two = COLLECTOR.find(config)
    assert (one.source.source_id, one.source.kind, one.source.project) == ("repository:one", "repository", "one")
    assert one.source.title == "repository https://host/one.git"
    assert two.source.title == "repository /srv/two"
    assert one.options.history == 7  # type: ignore[attr-defined]


def test_the_entry_names_its_tables() -> None:
    assert COLLECTOR.name == "repository"
    assert set(COLLECTOR.tables) <= set(RAW_TABLES)
    assert all(name.startswith("code_") for name in COLLECTOR.tables)
