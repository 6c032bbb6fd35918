"""The report's page: as it was, nothing of others' text as markup, nothing fetched."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import get_args

import pytest

from quality_platform.model.message import Block, Message
from quality_platform.notifications.plain import printable
from quality_platform.notifications.tones import DARK, LIGHT
from quality_platform.reports.render_html import render_html
from quality_platform_tests.data.messages import HOSTILE, MESSAGES, MOMENT, REPORT, hostile
from quality_platform_tests.data.pages import Page

GOLDEN = Path(__file__).parents[2] / "data" / "reports"
SHOWN = " ".join(printable(HOSTILE).split())


@pytest.mark.parametrize("name", MESSAGES)
def test_a_page_looks_as_it_did(name: str) -> None:
    """Pictures are left out: they change with matplotlib and have tests of their own. `GOLDEN=write` writes anew."""
    rendered = re.sub(r"<svg.*?</svg>", "<svg/>", render_html(MESSAGES[name], MOMENT), flags=re.DOTALL)
    path = GOLDEN / f"{name}.html"
    if os.environ.get("GOLDEN") == "write":
        path.write_text(rendered, encoding="utf-8", newline="")
    assert rendered == path.read_bytes().decode()


def test_every_block_is_there() -> None:
    assert {type(block) for block in REPORT.blocks} == set(get_args(Block))
    page = Page(render_html(REPORT, MOMENT))
    for fact in (
        "45.3%",
        "1,204",
        "78.2",
        "Nothing got worse.",
        "commit 1a2b3c4",
        "300",
        "No check failed.",
        "release 2.1",
    ):
        assert fact in page.text
    assert "Made on 2026-03-23 07:00 UTC" in page.text
    assert render_html(REPORT).count("<svg") == 2
    assert page.links[:3] == ["#section-1", "#section-2", "#section-3"]
    assert "https://example.org/e/1" in page.links


def test_hostile_text_is_text() -> None:
    ordinary, page = Page(render_html(REPORT, MOMENT)), Page(render_html(hostile(), MOMENT))
    assert page.tags <= ordinary.tags
    assert page.attributes <= ordinary.attributes
    assert page.text.count(SHOWN) >= 14
    assert {link.split("/")[0] for link in page.links} == {"https:"}
    # one from the heading in the navigation would stand here too if it were a link to elsewhere
    assert len(page.links) == 3


def test_nothing_is_fetched_and_nothing_runs() -> None:
    page = render_html(REPORT, MOMENT)
    shown = Page(page)
    assert not {"script", "link", "img", "iframe", "object", "embed", "form", "base"} & shown.tags
    assert not [name for name in shown.attributes if name.startswith("on")]
    assert not re.search(r"@import|url\((?!#)", page)
    assert not [source for source in shown.sources if not source.startswith("#")]
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    assert "script-src" not in policy[1]


def test_both_themes_and_print_are_there() -> None:
    page = render_html(REPORT)
    for theme in (LIGHT, DARK):
        assert f"--page: {theme.page}" in page
        assert f"--critical: {theme.tones['critical'].text}" in page
    assert "@media print" in page
    assert "prefers-color-scheme: dark" in page
    assert "var(--plot-line, #" in page


def test_ids_are_unique() -> None:
    page = render_html(REPORT)
    headings = re.findall(r'<h2 id="([^"]+)"', page)
    assert headings == [f"section-{place}" for place in range(1, 6)]


def test_a_short_report_needs_no_navigation() -> None:
    assert "<nav" not in render_html(Message("t", "s", "neutral"))
    assert "<nav" in render_html(REPORT)


def test_equal_messages_give_equal_pages() -> None:
    assert render_html(REPORT, MOMENT) == render_html(REPORT, MOMENT)
