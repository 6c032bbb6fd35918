"""Pull and merge requests in the forms that forges export, and as nobody should."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.collectors.reviews import COLLECTOR
from quality_platform.collectors.reviews.request import read
from quality_platform.model.configuration import ProjectConfig, QualityConfig, ReviewSource
from quality_platform_tests.unit.collectors.conftest import Memory

SHA = "a" * 40
GH = {
    "number": 7, "title": "Fix it", "author": {"login": "ann"}, "state": "MERGED", "createdAt": "2026-01-01T00:00:00Z",
    "mergedAt": "2026-01-03T00:00:00Z", "closedAt": "2026-01-03T00:00:00Z", "mergedBy": {"login": "bob"},
    "mergeCommit": {"oid": SHA}, "additions": 10, "deletions": 2, "changedFiles": 3, "commits": [{}, {}],
    "reviews": [
        {"author": {"login": "bob"}, "state": "CHANGES_REQUESTED", "submittedAt": "2026-01-02T00:00:00Z"},
        {"author": {"login": "ann"}, "state": "COMMENTED", "submittedAt": "2026-01-02T01:00:00Z"},
        {"author": {"login": "bob"}, "state": "APPROVED", "submittedAt": "2026-01-02T02:00:00Z"},
    ],
}  # fmt: skip
REST = {
    "number": 8, "title": "Add", "user": {"login": "cid"}, "state": "closed", "created_at": "2026-01-01T00:00:00Z",
    "merged_at": None, "closed_at": "2026-01-02T00:00:00Z", "merge_commit_sha": SHA,
    "requested_reviewers": [{"login": "ann"}, {"login": "cid"}],
}  # fmt: skip
GITLAB = {
    "id": 99, "iid": 3, "title": "Add", "author": {"username": "dee"}, "state": "merged", "merge_commit_sha": None,
    "created_at": "2026-01-01T00:00:00.000+01:00", "merged_at": "2026-01-02T00:00:00Z", "squash_commit_sha": SHA,
    "merge_user": {"username": "eve"}, "user_notes_count": 4, "changes_count": "1000+", "reviewers": [{"username": "eve"}],
}  # fmt: skip


def at(day: int, hour: int = 0) -> int:
    return int(datetime(2026, 1, day, hour, tzinfo=UTC).timestamp() * 1_000_000)


def test_what_gh_lists_has_reviews_and_commits() -> None:
    ((found,), refused) = read(json.dumps([GH]).encode())
    assert refused == []
    assert (found.number, found.service, found.state, found.author, found.merged_by) == (
        7,
        "github",
        "merged",
        "ann",
        "bob",
    )
    assert (found.created_at, found.merged_at, found.first_review_at) == (at(1), at(3), at(2))
    assert (found.approvals, found.changes_requested, found.reviewers) == (1, 1, ["bob"])
    assert (found.commits, found.files, found.lines_added, found.lines_removed) == (2, 3, 10, 2)
    assert found.merge_commit == SHA


def test_what_the_list_of_the_interface_leaves_open_stays_open() -> None:
    ((found,), _) = read(json.dumps([REST]).encode())
    # the commit of a request that was not merged is one that GitHub tried it with
    assert (found.state, found.merged_at, found.merge_commit) == ("closed", None, None)
    assert (found.reviewers, found.approvals, found.first_review_at, found.files) == (["ann"], None, None, None)


def test_gitlab_has_names_of_its_own() -> None:
    ((found,), _) = read(json.dumps([GITLAB]).encode())
    assert (found.number, found.service, found.author, found.merged_by) == (3, "gitlab", "dee", "eve")
    assert (found.merge_commit, found.comments, found.files) == (SHA, 4, 1000)
    assert found.created_at == at(1) - 3600 * 1_000_000


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([[GH], [REST]]),
        json.dumps({"items": [GH, REST]}),
        json.dumps(GH) + "\n\n" + json.dumps(REST) + "\n",
        "\ufeff" + json.dumps([GH, REST]),
        json.dumps([REST, {**GH, "title": "older"}, GH]),
    ],
    ids=["pages", "items", "lines", "mark", "twice"],
)
def test_every_way_to_write_a_list(content: str) -> None:
    found, refused = read(content.encode())
    assert sorted((each.number, each.title) for each in found) == [(7, "Fix it"), (8, "Add")]
    assert refused == []


@pytest.mark.parametrize(
    ("given", "word"),
    [
        (3, "object"),
        ({**GH, "number": "7"}, "number"),
        ({**GH, "number": True}, "number"),
        ({**GH, "number": 2**40}, "number"),
        ({**GH, "createdAt": "yesterday"}, "created_at"),
        ({**GH, "createdAt": None}, "created_at"),
    ],
)
def test_one_that_cannot_be_used_is_refused_by_itself(given: Any, word: str) -> None:
    found, (refused,) = read(json.dumps([given, REST]).encode())
    assert [each.number for each in found] == [8]
    assert word in refused.reason


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)
    )
)
def test_whatever_stands_in_the_other_fields_is_survived(value: Any) -> None:
    names = [name for name in (*GH, *REST, *GITLAB) if name not in ("number", "iid", "created_at", "createdAt")]
    found, refused = read(json.dumps([{**GH, **dict.fromkeys(names, value)}]).encode())
    assert len(found) + len(refused) == 1


@pytest.mark.parametrize("content", [b"", b"3", b'"x"', b"[", b"\xff", b"<html>"])
def test_what_is_no_list_of_requests_is_quarantined_whole(content: bytes, tmp_path: Path, memory: Memory) -> None:
    file = tmp_path / "pulls.json"
    file.write_bytes(content)
    config = QualityConfig(projects=(ProjectConfig(id="shop", reviews=(ReviewSource(paths=(str(file),)),)),))
    memory.collect(COLLECTOR, config)
    assert memory.rows == []
    assert len(memory.rejected) == (0 if content == b"" else 1)
