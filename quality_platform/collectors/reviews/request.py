"""A pull or merge request, in each of the forms that it is exported in, as a row of `code_reviews`.

GitHub: the REST list (`/repos/…/pulls?state=all`) and `gh pr list --json …`, which names reviews and commits as well.
GitLab: the REST list (`/projects/…/merge_requests`) and `glab mr list --output json`. An array, a response with
`items`, or a request a line. Does not belong here: files (`__init__.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from quality_platform.collectors.instants import parse_instant
from quality_platform.model.batch import Rejected
from quality_platform.model.tables_reports import CODE_REVIEWS

MOST = 200_000
MOST_REVIEWS = 1_000
SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
WIDEST = 2**31 - 1


class RefusedRequestError(Exception):
    """The request cannot be used; the message names the field."""


class Review(NamedTuple):
    """One request, in the order of the columns of `code_reviews`; instants in microseconds since 1970."""

    number: int
    service: str
    title: str
    author: str | None
    state: str
    created_at: int
    merged_at: int | None
    closed_at: int | None
    merged_by: str | None
    merge_commit: str | None
    lines_added: int | None
    lines_removed: int | None
    files: int | None
    commits: int | None
    reviewers: list[str]
    approvals: int | None
    changes_requested: int | None
    comments: int | None
    first_review_at: int | None


def read(content: bytes) -> tuple[list[Review], list[Rejected]]:
    """The requests of a file, each number once (the last), and what was refused. Raises ValueError for no such file."""
    found: dict[int, Review] = {}
    rejected = []
    for place, each in enumerate(islice(_requests(content), MOST)):
        try:
            row = review(each)
            found[row.number] = row
        except RefusedRequestError as error:
            original = json.dumps(each).encode()[:2000]
            rejected.append(Rejected(CODE_REVIEWS.name, f"request {place}", str(error), None, original))
    return list(found.values()), rejected


def _requests(content: bytes) -> Iterator[Any]:
    text = content.decode("utf-8-sig")
    try:
        whole = json.loads(text)
    except ValueError:
        yield from (json.loads(line) for line in text.splitlines() if line.strip())
        return
    if isinstance(whole, dict):
        whole = whole["items"] if isinstance(whole.get("items"), list) else [whole]
    if not isinstance(whole, list):
        raise ValueError("it is no list of requests")
    for each in whole:  # pages that were put together are a list of lists
        yield from each if isinstance(each, list) else (each,)


def review(given: Any) -> Review:
    """The request as a row. Raises RefusedRequestError that names what is missing."""
    if not isinstance(given, dict):
        raise RefusedRequestError("it is no object")
    number, created = given.get("iid", given.get("number")), _instant(given, "created_at", "createdAt")
    if isinstance(number, bool) or not isinstance(number, int) or not 0 < number <= WIDEST:
        raise RefusedRequestError("number (GitLab: iid): a whole number from 1 is needed")
    if created is None:
        raise RefusedRequestError("created_at (createdAt): an instant is needed")
    merged = _instant(given, "merged_at", "mergedAt")
    reviews = [each for each in _listed(given, "reviews") if isinstance(each, dict)]
    states = [str(each.get("state", "")).upper() for each in reviews]
    times = [at for each in reviews if (at := _instant(each, "submitted_at", "submittedAt")) is not None]
    return Review(
        number=number,
        service="gitlab" if "iid" in given else "github",
        title=str(given.get("title") or "")[:500],
        author=_login(given.get("author") or given.get("user")),
        state="merged" if merged is not None else _state(given),
        created_at=created,
        merged_at=merged,
        closed_at=_instant(given, "closed_at", "closedAt"),
        merged_by=_login(given.get("merged_by") or given.get("merge_user") or given.get("mergedBy")),
        merge_commit=_commit(given) if merged is not None else None,
        lines_added=_count(given, "additions"),
        lines_removed=_count(given, "deletions"),
        files=_count(given, "changed_files", "changedFiles", "changes_count"),
        commits=len(_listed(given, "commits")) if isinstance(given.get("commits"), list) else _count(given, "commits"),
        reviewers=_reviewers(given, reviews),
        approvals=states.count("APPROVED") if "reviews" in given else None,
        changes_requested=states.count("CHANGES_REQUESTED") if "reviews" in given else None,
        comments=_count(given, "user_notes_count", "comments"),
        first_review_at=min(times, default=None),
    )  # fmt: skip


def _state(given: Mapping[str, Any]) -> str:
    return "open" if str(given.get("state", "")).lower() in ("open", "opened") else "closed"


def _reviewers(given: Mapping[str, Any], reviews: list[dict[str, Any]]) -> list[str]:
    """Who reviewed; of a list without reviews, who was asked to. Its author is none."""
    people = [each.get("author") or each.get("user") for each in reviews] or [
        *_listed(given, "reviewers"), *_listed(given, "requested_reviewers"),
    ]  # fmt: skip
    author = _login(given.get("author") or given.get("user"))
    return sorted({name for each in people if (name := _login(each)) is not None} - {author or ""})


def _commit(given: Mapping[str, Any]) -> str | None:
    """The commit of the main line; where GitLab squashed without a merge, the squashed one."""
    merge = given.get("mergeCommit")
    told = (given.get("merge_commit_sha"), merge.get("oid") if isinstance(merge, dict) else None,
            given.get("squash_commit_sha"), given.get("sha"))  # fmt: skip
    return next((each for each in told if isinstance(each, str) and SHA.fullmatch(each)), None)


def _login(given: Any) -> str | None:
    name = given.get("login") or given.get("username") or given.get("name") if isinstance(given, dict) else None
    return name[:200] if isinstance(name, str) and name.strip() else None


def _listed(given: Mapping[str, Any], name: str) -> list[Any]:
    value = given.get(name)
    return value[:MOST_REVIEWS] if isinstance(value, list) else []


def _instant(given: Mapping[str, Any], *names: str) -> int | None:
    return next((at for name in names if (at := parse_instant(given.get(name))) is not None), None)


def _count(given: Mapping[str, Any], *names: str) -> int | None:
    """A number, or a text of one (GitLab's `changes_count`, which says `1000+` when there are more)."""
    for name in names:
        value = given.get(name)
        if isinstance(value, str) and value.rstrip("+").isdecimal() and len(value) < 10:
            value = int(value.rstrip("+"))
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= WIDEST:
            return value
    return None
