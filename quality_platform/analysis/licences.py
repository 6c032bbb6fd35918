"""Whether a licence, as a lock file writes it, is one that a policy permits.

Belongs here: expressions of SPDX 2.3 (annex D). Does not belong here: the policy (`model/licences.py`), or where a
licence stands (`dependencies/`).
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Literal

import license_expression

Verdict = Literal["allowed", "denied", "unknown"]
LONGEST = 500
BROKEN = (
    license_expression.ExpressionError, license_expression.ExpressionParseError, RecursionError, IndexError, TypeError,
)  # fmt: skip
"""What the parser makes of what is no expression; of blanks alone an IndexError."""


def verdict(expression: str | None, allowed: Sequence[str], denied: Sequence[str]) -> Verdict:
    """`unknown` where there is no licence, or none that SPDX lists (`SEE LICENSE IN …`) and nothing else decides."""
    if not expression or len(expression) > LONGEST:
        return "unknown"
    try:
        parsed = _licensing().parse(expression, simple=True)
    except BROKEN:
        return "unknown"
    return _of(parsed, allowed, denied) if parsed is not None else "unknown"


def _of(part: object, allowed: Sequence[str], denied: Sequence[str]) -> Verdict:
    operator = str(getattr(part, "operator", "")).strip()
    if operator not in ("AND", "OR"):
        return _alone(part, allowed, denied)
    found = {_of(each, allowed, denied) for each in getattr(part, "args", ())}
    order: tuple[Verdict, ...] = ("denied", "unknown", "allowed")
    # of alternatives the best may be taken; what applies together is as bad as its worst
    ranked = order if operator == "AND" else order[::-1]
    return next(each for each in ranked if each in found)


def _alone(part: object, allowed: Sequence[str], denied: Sequence[str]) -> Verdict:
    licence = getattr(part, "license_symbol", part)
    key = str(getattr(licence, "key", licence))
    # an exception (`WITH Classpath-exception-2.0`) is named to be allowed, with it or by the licence
    names = {key, str(part)}
    if any(fnmatchcase(name, pattern) for name in names for pattern in allowed):
        return "allowed"
    if key == str(part) and any(fnmatchcase(key, pattern) for pattern in denied):
        return "denied"
    if key not in _licensing().known_symbols:
        return "unknown"
    return "denied" if allowed else "allowed"


@lru_cache(maxsize=1)
def _licensing() -> license_expression.Licensing:
    """SPDX's list, 0.1 s to load."""
    return license_expression.get_spdx_licensing()
