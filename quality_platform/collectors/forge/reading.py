"""How far a reading of a forge has come, and what it holds.

Does not belong here: asking (`client.py`, `forges.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from quality_platform.collectors.forge.forges import Listed
from quality_platform.collectors.reviews.request import RefusedRequestError, Review, review
from quality_platform.model.batch import Rejected
from quality_platform.model.tables_reports import CODE_REVIEWS


@dataclass(slots=True)
class Reading:
    """Everything that changed before `updated` (microseconds since 1970) is read, and of that instant `seen`."""

    updated: int = 0
    seen: set[int] = field(default_factory=set)
    rows: list[Review] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    @classmethod
    def after(cls, cursor: Mapping[str, object]) -> Self:
        """Where `cursor` says that the reading before stopped."""
        updated, seen = cursor.get("updated"), cursor.get("seen")
        return cls(updated if isinstance(updated, int) else 0, set(seen) if isinstance(seen, list) else set())

    @property
    def cursor(self) -> dict[str, object]:
        """The reverse of `after`."""
        return {"updated": self.updated, "seen": sorted(self.seen)}

    def take(self, listed: Listed, found: Mapping[str, Any] | str) -> None:
        """Take a request as the forge tells it, or why it does not."""
        if listed.updated > self.updated:
            self.seen = set()
        self.updated, self.seen = listed.updated, self.seen | {listed.number}
        try:
            if isinstance(found, str):
                raise RefusedRequestError(found)
            self.rows.append(review(found))
        except RefusedRequestError as error:
            original = json.dumps(found).encode()[:2000]
            position = f"request {listed.number}"
            self.rejected.append(Rejected(CODE_REVIEWS.name, position, str(error), None, original))

    def empty(self) -> None:
        """Begin the next batch."""
        self.rows, self.rejected = [], []
