"""What GitHub and GitLab call things: where their requests are listed, and what belongs to one.

Does not belong here: asking (`client.py`), or a request as a row (`reviews/request.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from quality_platform.collectors.forge.client import Client, MissingError
from quality_platform.collectors.instants import parse_instant

MOST_PAGES = 200
PER_PAGE = 100


class Listed(NamedTuple):
    """A request by its number, and when it changed last, in microseconds since 1970."""

    number: int
    updated: int


@dataclass(frozen=True, slots=True)
class Forge:
    """`list_path` is asked page by page, the request that changed last first; `number` is what it calls a number.

    `complete` adds what stands elsewhere to a request that has been read.
    """

    list_path: str
    path: str
    number: str
    complete: Callable[[Client, int], Mapping[str, Any]]

    def changed_since(self, client: Client, updated: int, seen: Collection[int]) -> list[Listed]:
        """Requests that changed since `updated`, or then and are not `seen`; the one that changed first foremost.

        The newest 20,000 at most. Raises SourceError, ExhaustedError.
        """
        found: dict[int, Listed] = {}
        for page in range(1, MOST_PAGES + 1):
            answer = client.listed(f"{self.list_path}&per_page={PER_PAGE}&page={page}")
            known = [listed for each in answer if (listed := self._listed(each)) is not None]
            found |= {
                each.number: each
                for each in known
                if each.updated > updated or (each.updated == updated and each.number not in seen)
            }
            if len(answer) < PER_PAGE or any(each.updated < updated for each in known):
                break
        return sorted(found.values(), key=lambda each: (each.updated, each.number))

    def read(self, client: Client, number: int) -> Mapping[str, Any] | str:
        """A request with all that belongs to it, or why there is none. Raises SourceError, ExhaustedError."""
        try:
            found = client.asked(f"{self.path}/{number}")
        except MissingError as error:
            return str(error)
        if not isinstance(found, dict):
            return "it is no object"
        with suppress(MissingError):
            return {**found, **self.complete(client, number)}
        return found

    def _listed(self, given: Any) -> Listed | None:
        if not isinstance(given, dict):
            return None
        number, updated = given.get(self.number), parse_instant(given.get("updated_at"))
        if not isinstance(number, int) or isinstance(number, bool) or number <= 0 or updated is None:
            return None
        return Listed(number, updated)


def forge_of(url: str) -> Forge:
    """The forge whose API `url` is."""
    return GITLAB if "/api/v4/" in url else GITHUB


def _github_reviews(client: Client, number: int) -> Mapping[str, Any]:
    return {"reviews": client.asked(f"pulls/{number}/reviews?per_page={PER_PAGE}")}


def _gitlab_reviews(client: Client, number: int) -> Mapping[str, Any]:
    """Approvals, which is what GitLab has for reviews, in the form that GitHub gives those."""
    answer = client.asked(f"merge_requests/{number}/approvals")
    given = answer.get("approved_by") if isinstance(answer, dict) else None
    approvals = [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
    return {
        "reviews": [
            {"user": each.get("user"), "state": "APPROVED", "submitted_at": each.get("approved_at")}
            for each in approvals
        ]
    }


GITHUB = Forge("pulls?state=all&sort=updated&direction=desc", "pulls", "number", _github_reviews)
GITLAB = Forge(
    "merge_requests?state=all&order_by=updated_at&sort=desc", "merge_requests", "iid", _gitlab_reviews
)  # fmt: skip
