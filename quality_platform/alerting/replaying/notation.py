"""Values of a test series in promtool's expanding notation: `80x5 60 _ NaN 75+1x3`.

`a+bxn` and `a-bxn` are n + 1 values, each b further; `axn` is a, n + 1 times over; `_` is a sample that is missing,
`_xn` n of them; `stale` ends a series as `_` does. Belongs here: text to values. Does not belong here: their instants.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from quality_platform.errors import UsageError

MOST = 1_000_000
"""Values of one series."""

_NUMBER = r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[iI]nf|[nN]a[nN])"
_ITEM = re.compile(
    rf"(?P<first>{_NUMBER})(?:(?P<step>[+-](?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))?(?:x(?P<times>\d{{1,9}}))?"
)
_GAP = re.compile(r"_(?:x(?P<times>\d{1,9}))?")


def values(text: str) -> list[float | None]:
    """The values that `text` stands for, None for one that is missing. Raises UsageError naming the item."""
    found: list[float | None] = []
    for item in text.split():
        found.extend(_expanded(item, MOST - len(found)))
    return found


def _expanded(item: str, room: int) -> Iterator[float | None]:
    gap, written = _GAP.fullmatch(item), _ITEM.fullmatch(item)
    if gap is not None or item == "stale":
        count = int(gap["times"]) if gap is not None and gap["times"] else 1
        yield from [None] * _bounded(count, room)
    elif written is not None and not (written["step"] and not written["times"]):
        first, step = float(written["first"]), float(written["step"] or 0)
        count = _bounded(int(written["times"]) + 1 if written["times"] else 1, room)
        yield from (first + step * place for place in range(count))
    else:
        raise UsageError(
            f"{item!r} is not in promtool's notation.",
            hint="Write 80, 80x5 (six of them), 75+1x3 (75 76 77 78), 9-2x4, _ or _x3 (missing), NaN, Inf, -Inf.",
        )


def _bounded(count: int, room: int) -> int:
    if count > room:
        raise UsageError(f"There are more than {MOST:,} values in one series.", hint="Use a longer interval.")
    return count
