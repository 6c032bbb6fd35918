"""Counts comments that tell a checker to be silent. Does not belong here: obeying them, which nothing here does."""

from __future__ import annotations

import re

SILENCE = re.compile(
    rb"#\s*(?:noqa\b|nosec\b|type:\s*ignore\b|pylint:\s*disable|pragma:\s*no\s?cover|pyright:\s*ignore|ty:\s*ignore)"
    rb"|//\s*(?:eslint-disable|@ts-ignore|@ts-nocheck|@ts-expect-error|nolint\b|NOSONAR\b|NOLINT\b)"
    rb"|/\*\s*eslint-disable|#\[allow\(|@SuppressWarnings\b|#\s*NOSONAR\b",
)


def count_suppressions(content: bytes) -> int:
    """How often `content` asks a checker of any language to look away."""
    return len(SILENCE.findall(content))
