"""Project keys: usable everywhere, one number for each project, worthless once revoked."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from quality_platform.access import keys, secrets, trail
from quality_platform.errors import UsageError
from quality_platform.state.database import State

NOW = datetime(2026, 5, 4, tzinfo=UTC)


def test_a_key_fits_into_urls_and_words(state: State) -> None:
    key = keys.create(state, "shop", NOW, actor="ann").key

    assert re.fullmatch(r"\w+", key, re.ASCII)
    assert quote(key, safe="") == key


def test_a_project_keeps_its_number(state: State) -> None:
    numbers = [keys.create(state, project, NOW, actor="ann").number for project in ("shop", "blog", "shop")]

    assert numbers[0] == numbers[2] != numbers[1]


def test_a_key_leads_to_its_project_until_it_is_revoked(state: State) -> None:
    shop, blog = (keys.create(state, project, NOW, actor="ann") for project in ("shop", "blog"))
    assert keys.projects_by_digest(state) == {secrets.digest(shop.key): "shop", secrets.digest(blog.key): "blog"}

    assert keys.revoke(state, shop.key, NOW, actor="bob") == ["shop"]

    assert keys.projects_by_digest(state) == {secrets.digest(blog.key): "blog"}
    assert [each.action for each in trail.changes(state)] == ["key.revoke", "key.create", "key.create"]
    with pytest.raises(UsageError):
        keys.revoke(state, shop.key, NOW, actor="bob")


@pytest.mark.parametrize("project", ["", "-shop", "sh op", "a/b", "ü", "x" * 101, "a\n"])
def test_a_name_that_no_project_can_have_is_refused(state: State, project: str) -> None:
    with pytest.raises(UsageError):
        keys.create(state, project, NOW, actor="ann")
