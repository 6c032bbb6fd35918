"""Numbers as people read them. The one place that decides on digits and units in what is sent out."""

from __future__ import annotations

import math

_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def number(value: float | None) -> str:
    """`value` with about four significant digits and thousands separated; an en dash for no value."""
    if value is None or not math.isfinite(value):
        return "\u2013"
    value += 0.0  # no negative zero
    size = abs(value)
    if size >= 1e15 or 0 < size < 1e-4:
        return f"{value:.3g}"
    if size >= 1000 or value == round(value):
        return f"{value:,.0f}"
    decimals = 1 if size >= 100 else 2 if size >= 1 else 4 if size >= 0.01 else 6
    return f"{value:.{decimals}f}".rstrip("0").rstrip(".")


def amount(value: float | None, unit: str) -> str:
    """`value` with its unit: `65%`, `1.5 GiB`, `12 findings`; an index stands alone."""
    if value is None or not math.isfinite(value):
        return number(value)
    if unit.startswith("%"):
        return number(value) + unit
    if unit in {"bytes", "bytes/s"}:
        return _binary(value) + unit.removeprefix("bytes")
    if not unit or unit.startswith("index"):
        return number(value)
    return f"{number(value)} {unit}"


def brief(value: float | None, unit: str) -> str:
    """`value` where its unit is known already: with it only when it is a sign or scales with the value."""
    return amount(value, unit) if unit in {"%", "bytes", "bytes/s"} else number(value)


def _binary(value: float) -> str:
    size, step = abs(value), 0
    while size >= 1024 and step < len(_BINARY) - 1:
        size, step = size / 1024, step + 1
    return f"{number(math.copysign(size, value))} {_BINARY[step]}"


def span(seconds: float) -> str:
    """A length of time in its two largest units: `45 s`, `25 min`, `4 h 20 min`, `3 days`."""
    left = round(max(seconds, 0.0))
    if left < 60:
        return f"{left} s"
    sizes = (("day", 86_400), ("h", 3600), ("min", 60))
    largest = next(place for place, (_, size) in enumerate(sizes) if left >= size)
    parts = []
    for unit, size in sizes[largest : largest + 2]:
        count, left = divmod(left, size)
        parts.append(f"{count} {unit}{'s' if unit == 'day' and count != 1 else ''}" if count else "")
    return " ".join(part for part in parts if part)
