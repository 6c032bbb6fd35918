"""Labels in their one canonical form, so that equal labels are equal text in every process and in SQL."""

from __future__ import annotations

import json
from collections.abc import Mapping

NONE = "{}"


def canonical(labels: Mapping[str, object]) -> str:
    """JSON with sorted keys, string values and no spaces; `{}` when there are none."""
    return json.dumps({key: str(labels[key]) for key in sorted(labels)}, separators=(",", ":"), ensure_ascii=False)
