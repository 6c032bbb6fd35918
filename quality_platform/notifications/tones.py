"""What a tone is called and which colours it has, on paper-white and on dark ground.

Every text colour keeps a contrast of 4.5:1 with its own background and with the page (WCAG 2.2, 1.4.3). A
tone is never told by colour alone: its word stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from quality_platform.model.message import Message, Tone


@dataclass(frozen=True, slots=True)
class Shade:
    """Hexadecimal colours: of text and lines, of the ground under them, of an edge around that."""

    text: str
    ground: str
    edge: str


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of a page: its ground, text in two strengths, hair lines, links, and the tones."""

    page: str
    panel: str
    ink: str
    muted: str
    hairline: str
    link: str
    tones: Mapping[Tone, Shade]


WORDS: Mapping[Tone, str] = MappingProxyType(
    {"critical": "Critical", "warning": "Warning", "info": "Info", "good": "Good", "neutral": ""}
)

LIGHT = Theme(
    page="#f6f7f9",
    panel="#ffffff",
    ink="#1a2130",
    muted="#566074",
    hairline="#e1e5ec",
    link="#1d4ed8",
    tones=MappingProxyType(
        {
            "critical": Shade("#a8201a", "#fdecea", "#f2b8b3"),
            "warning": Shade("#855000", "#fff3da", "#efcf8f"),
            "info": Shade("#1b55b5", "#e9f1fd", "#b6cff5"),
            "good": Shade("#17683c", "#e6f5ec", "#a9d9bd"),
            "neutral": Shade("#414b5d", "#eef1f5", "#d3d9e2"),
        }
    ),
)

DARK = Theme(
    page="#10141c",
    panel="#181e29",
    ink="#e7ebf2",
    muted="#a3adbf",
    hairline="#2b3443",
    link="#8db4ff",
    tones=MappingProxyType(
        {
            "critical": Shade("#ff9c94", "#3a1a1a", "#6e2f2c"),
            "warning": Shade("#f5c065", "#36280f", "#66501f"),
            "info": Shade("#92bbff", "#17263f", "#2f4a78"),
            "good": Shade("#7fd6a2", "#132d20", "#275c40"),
            "neutral": Shade("#b9c2d0", "#232b38", "#3a4556"),
        }
    ),
)

_CALLS_FOR_ATTENTION = ("critical", "warning", "info")


def headline(message: Message) -> str:
    """The message's title with its tone's word in front, where the tone calls for attention."""
    word = WORDS[message.tone] if message.tone in _CALLS_FOR_ATTENTION else ""
    return message.title if message.title.lower().startswith(word.lower()) else f"{word}: {message.title}"


def with_word(text: str, tone: Tone) -> str:
    """`text` with its tone's word behind it, so that it reads without colour."""
    return f"{text} ({WORDS[tone].lower()})" if WORDS[tone] else text


TERMINAL: Mapping[Tone, str] = MappingProxyType(
    {"critical": "bold red", "warning": "bold yellow", "info": "bold blue", "good": "bold green", "neutral": "bold"}
)
