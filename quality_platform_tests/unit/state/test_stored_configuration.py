"""What the API stores, on both databases: versions, the mark that changes, secrets sealed to their place."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from quality_platform.errors import StateError
from quality_platform.settings import Settings
from quality_platform.state import stored
from quality_platform.state.database import State
from quality_platform.state.sealing import Seal

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_every_change_leaves_another_mark(state: State) -> None:
    marks = []
    with state.write() as session:
        marks.append(stored.mark(session))
        row = stored.add(session, "rule", "a", "{}", NOW, "me")
        marks.append(stored.mark(session))
        stored.replace(session, row, '{"b": 1}', NOW, "you")
        marks.append(stored.mark(session))
        assert (row.version, row.created_by, row.updated_by) == (2, "me", "you")
        stored.remove(session, row, NOW)
        marks.append(stored.mark(session))

    assert marks[0] is None
    assert len(set(marks)) == 4


def test_a_thing_is_found_by_name_before_id(state: State) -> None:
    with state.write() as session:
        first = stored.add(session, "rule", "a", "{}", NOW, "me")
        second = stored.add(session, "rule", first.id, "{}", NOW, "me")
        stored.add(session, "channel", "a", "{}", NOW, "me")

    with state.write() as session:
        by_id, by_name = stored.find(session, "rule", second.id, change=True), stored.find(session, "rule", "a")
        named_like_an_id = stored.find(session, "rule", first.id)
        assert (by_id and by_id.id, by_name and by_name.id) == (second.id, first.id)
        assert named_like_an_id is not None
        assert named_like_an_id.id == second.id
        assert stored.find(session, "rule", "b") is None
        assert len(stored.listed(session, ("rule",))) == 2


def test_what_is_sealed_opens_in_its_place_with_its_key_alone(tmp_path: Path) -> None:
    seal = Seal(Settings(home=tmp_path / "one"))
    sealed = seal.seal("secret ✓", "here")

    assert seal.open(sealed, "here") == "secret ✓"
    assert "secret" not in sealed
    assert seal.seal("secret ✓", "here") != sealed
    for other, place, text in (
        (seal, "there", sealed), (Seal(Settings(home=tmp_path / "two")), "here", sealed), (seal, "here", sealed[:-4]),
        (seal, "here", "sealed:1:"), (seal, "here", "sealed:1:ä"),
    ):  # fmt: skip
        with pytest.raises(StateError):
            other.open(text, place)
