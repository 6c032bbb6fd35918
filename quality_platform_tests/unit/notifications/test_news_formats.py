"""What each kind of news looks like in each format; `GOLDEN=write` writes the files anew."""

from __future__ import annotations

import os
from typing import get_args

import pytest

from quality_platform.notifications.alert_words import News
from quality_platform.notifications.formats import push
from quality_platform_tests.data.news import NEWS
from quality_platform_tests.unit.notifications.test_message_formats import FORMATS, GOLDEN

ALL = {**FORMATS, "push.txt": lambda message: push.render(message, 4000) + "\n"}


@pytest.mark.parametrize("ending", ALL)
@pytest.mark.parametrize("name", NEWS)
def test_news_looks_as_it_did(name: str, ending: str) -> None:
    rendered = ALL[ending](NEWS[name])
    path = GOLDEN / f"news-{name}.{ending}"
    if os.environ.get("GOLDEN") == "write":
        path.write_text(rendered, encoding="utf-8", newline="")
    assert rendered == path.read_bytes().decode()


def test_every_kind_of_news_is_shown() -> None:
    assert set(get_args(News)) <= set(NEWS)
