"""Settings that are lists are written as people write them, and what cannot be read is said in a sentence."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from quality_platform.settings import Settings

NAME = "QUALITY_PLATFORM_WEBHOOK_ALLOW_CIDRS"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.0.0.0/8", ("10.0.0.0/8",)),
        (" 10.0.0.0/8 , fd00::/8,", ("10.0.0.0/8", "fd00::/8")),
        ('["10.0.0.0/8", "fd00::/8"]', ("10.0.0.0/8", "fd00::/8")),
        ("", ()),
    ],
)
def test_apart_by_commas_or_as_json(text: str, expected: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, text)
    found = Settings()
    assert found.webhook_allow_cidrs == expected
    monkeypatch.setenv(NAME, found.environment().get(NAME, ""))
    assert Settings().webhook_allow_cidrs == expected


@pytest.mark.parametrize("text", ["[1", '["a", 2]'])
def test_what_cannot_be_read_is_refused_with_the_way_to_write_it(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, text)
    with pytest.raises(ValidationError, match="webhook_allow_cidrs"):
        Settings()
