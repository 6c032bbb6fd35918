"""`spool aside` as a person calls it: lists without saying what was sent, brings back, drops, and stands in the audit."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from quality_platform.cli import home
from quality_platform.settings import Settings
from quality_platform.spool.aside import Aside
from quality_platform.spool.item import Entry, Spooled
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.verbs import verb

Call = Callable[..., Any]
BODIES = (b'[{"metric": "m", "value": 1}]', b"{nobody reads this")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with two requests kept aside, one of which can be stored by now."""
    made = Settings(home=tmp_path / "home")
    home.prepare(made)
    folder = Aside(made, "s")
    for place, body in enumerate(BODIES, 1):
        entry = Entry("shop", "metrics", int(time.time() * 1e6), body, {"items": {"metric": 1}})
        folder.keep(Spooled(place, entry))
    return made


@pytest.fixture
def call(settings: Settings) -> Call:
    def run(*arguments: str, code: int = 0) -> Any:
        done = verb(settings.root.parent, *arguments, "--json", **settings.environment())
        assert done.code == code, done.err
        return json.loads(done.out if code == 0 else done.err)

    return run


def test_a_person_looks_brings_back_and_drops(settings: Settings, call: Call) -> None:
    shown = call("spool", "aside")
    assert [(row["request"], row["projects"], row["items"]) for row in shown] == [
        ("s-1", ["shop"], {"metric": 1}),
        ("s-2", ["shop"], {"metric": 1}),
    ]
    assert "nobody" not in repr(shown)

    tried = call("spool", "aside", "--retry")
    assert tried[0] == {"request": "s-1", "cause": None, "items": {"received": 1, "stored": 1}}
    assert tried[1]["cause"]
    with closing(Lake(settings)) as lake:
        assert lake.rows("SELECT project, value FROM raw.metric_samples") == [{"project": "shop", "value": 1.0}]

    # erasing cannot look into what is left, and says so
    assert call("privacy", "erase", "bob", "--yes")["kept_aside"] == 1

    assert "--yes" in call("spool", "aside", "--drop", code=2)["hint"]
    assert call("spool", "aside", "s-2", "--drop", "--yes") == {"dropped": ["s-2"]}
    assert call("spool", "aside") == []
    noted = [row["action"] for row in call("audit") if row["action"].startswith("spool.")]
    assert sorted(noted) == ["spool.drop", "spool.retry"]


def test_what_contradicts_or_is_not_there_is_refused(call: Call) -> None:
    assert "contradict" in call("spool", "aside", "--retry", "--drop", code=2)["error"]
    assert "s-9" in call("spool", "aside", "s-9", "--drop", "--yes", code=2)["error"]
    assert len(call("spool", "aside")) == 2
