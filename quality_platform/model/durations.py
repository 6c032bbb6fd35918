"""Lengths of time as people write them: `30s`, `2m`, `4h`, `1d12h`, and ISO 8601.

Belongs here: reading and writing one. Does not belong here: which lengths make sense (the field that has one).
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_UNITS = {"w": 604_800.0, "d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
# Prometheus' form: units from the largest to the smallest, each at most once
_WRITTEN = re.compile("".join(rf"(?:(?P<{unit}>\d{{1,9}}(?:\.\d{{1,6}})?){unit}(?![a-z]))?" for unit in _UNITS))


def seconds(text: str) -> float | None:
    """Seconds that `text` stands for; None where it is not in this form."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None or not any(found.groups()):
        return 0.0 if text.strip() == "0" else None
    return sum(float(amount) * _UNITS[unit] for unit, amount in found.groupdict().items() if amount)


def written(length: timedelta) -> str:
    """`length` in the same form: `4h`, `24h`, `30d`, `0s`. Days are used from a week on, so that `24h` stays."""
    left, text = round(length.total_seconds() * 1000), ""
    units = ("d", "h", "m", "s", "ms") if length >= timedelta(days=7) else ("h", "m", "s", "ms")
    for unit in units:
        count, left = divmod(left, round(_UNITS[unit] * 1000))
        text += f"{count}{unit}" if count else ""
    return text or "0s"


def _read(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = seconds(value)
    try:
        # what is left is for pydantic, which knows ISO 8601 and hh:mm:ss
        return value if found is None else timedelta(seconds=found)
    except OverflowError as error:
        raise ValueError("longer than there are days") from error


Duration = Annotated[
    timedelta,
    BeforeValidator(_read),
    PlainSerializer(written, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "duration"}),
]
"""A field of a length of time; numbers are seconds. In JSON it is written as people write it."""
