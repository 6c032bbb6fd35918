"""Every format against its golden files. `GOLDEN=write pytest …` writes them anew: read the difference."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from quality_platform.model.message import Block, Message
from quality_platform.notifications.formats import html, markdown, slack, text
from quality_platform_tests.data.messages import MESSAGES

GOLDEN = Path(__file__).parents[2] / "data" / "notifications"
FORMATS: dict[str, Callable[[Message], str]] = {
    "txt": text.render,
    "md": markdown.render,
    "slack.json": lambda message: json.dumps(slack.render(message), indent=1, ensure_ascii=False) + "\n",
    "html": lambda message: html.render(message, ["cid:plot-1", "cid:plot-2"]),
}


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_looks_as_it_did(name: str, ending: str) -> None:
    rendered = FORMATS[ending](MESSAGES[name])
    path = GOLDEN / f"{name}.{ending}"
    if os.environ.get("GOLDEN") == "write":
        path.write_text(rendered, encoding="utf-8", newline="")
    assert rendered == path.read_bytes().decode()


@pytest.mark.parametrize("ending", FORMATS)
def test_every_block_type_is_known_to_every_format(ending: str) -> None:
    kinds = {type(block) for block in MESSAGES["report"].blocks}
    assert kinds == set(get_args(Block))
    FORMATS[ending](MESSAGES["report"])


@pytest.mark.parametrize("ending", FORMATS)
def test_an_empty_message_is_rendered(ending: str) -> None:
    assert FORMATS[ending](Message("", "", "neutral"))


@pytest.mark.parametrize("ending", FORMATS)
def test_a_tone_is_told_in_words(ending: str) -> None:
    rendered = FORMATS[ending](MESSAGES["report"])
    assert all(word in rendered.lower() for word in ("critical", "warning", "info", "good"))
