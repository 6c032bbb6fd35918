"""Colours keep WCAG's contrast; the formula here is WCAG's own, written for this test."""

from __future__ import annotations

import itertools
from typing import get_args

import pytest

from quality_platform.model.message import Message, Tone
from quality_platform.notifications.tones import DARK, LIGHT, TERMINAL, WORDS, Theme, headline, with_word

THEMES = {"light": LIGHT, "dark": DARK}


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_formula_is_wcag_s() -> None:
    assert contrast("#000000", "#ffffff") == 21.0
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_text_reads_on_every_ground_it_stands_on(theme: Theme) -> None:
    texts = [theme.ink, theme.muted, theme.link]
    for text, ground in itertools.product(texts, [theme.page, theme.panel]):
        assert contrast(text, ground) >= 4.5, (text, ground)
    for tone, shade in theme.tones.items():
        assert contrast(shade.text, shade.ground) >= 4.5, tone
        assert contrast(shade.text, theme.panel) >= 4.5, tone
        assert contrast(theme.ink, shade.ground) >= 4.5, tone
        assert contrast(theme.muted, shade.ground) >= 4.5, tone


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_a_plot_s_colours_tell_its_parts_apart(theme: Theme) -> None:
    used = [theme.muted, theme.hairline, theme.ink, theme.panel, *(shade.text for shade in theme.tones.values())]
    assert len(set(used)) == len(used)


def test_every_tone_has_everything() -> None:
    tones = set(get_args(Tone))
    assert set(WORDS) == set(LIGHT.tones) == set(DARK.tones) == set(TERMINAL) == tones
    assert {tone for tone in tones if not WORDS[tone]} == {"neutral"}


@pytest.mark.parametrize(
    ("title", "tone", "shown"),
    [
        ("Coverage fell", "critical", "Critical: Coverage fell"),
        ("Critical: Coverage fell", "critical", "Critical: Coverage fell"),
        ("Resolved: Coverage fell", "good", "Resolved: Coverage fell"),
        ("Quality of flask", "neutral", "Quality of flask"),
        ("", "warning", "Warning: "),
    ],
)
def test_headline(title: str, tone: Tone, shown: str) -> None:
    assert headline(Message(title, "", tone)) == shown


def test_with_word() -> None:
    assert with_word("F", "critical") == "F (critical)"
    assert with_word("A", "neutral") == "A"
