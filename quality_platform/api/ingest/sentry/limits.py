"""How Sentry's clients are told to hold back: `X-Sentry-Rate-Limits`, by category, on any answer.

Belongs here: the header. Does not belong here: counting (`quota.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

_NAMES = {
    "error": ("error", "default"),
    "transaction": ("transaction",),
    "span": ("span",),
    "session": ("session",),
    "log": ("log_item",),
    "metric": ("trace_metric", "metric_bucket"),
    "monitor": ("monitor",),
    "other": ("attachment", "profile", "profile_chunk", "replay", "feedback", "security"),
}
"""Sentry's names for our categories. Its sessions and reports keep coming while errors are held back."""


def rate_limits(categories: Collection[str], seconds: int) -> Mapping[str, str]:
    """The header that holds `categories` back for `seconds`; clients keep sending the others."""
    names = sorted({sent for category in categories for sent in _NAMES.get(category, ())})
    return {"x-sentry-rate-limits": f"{seconds}:{';'.join(names)}:project:over_quota"} if names else {}
