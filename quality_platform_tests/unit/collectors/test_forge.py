"""Requests asked of a forge's API, by a server on loopback that answers as GitHub and GitLab document it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from quality_platform.collectors.contract import Context
from quality_platform.collectors.forge import COLLECTOR, MOST_AT_ONCE, PER_BATCH
from quality_platform.errors import ConfigurationError, SourceError
from quality_platform.model.configuration import ProjectConfig, QualityConfig
from quality_platform.model.live_sources import ForgeSource
from quality_platform_tests.data.receivers import Receiver, receiving
from quality_platform_tests.unit.collectors.conftest import Memory

DAY = datetime(2026, 3, 1, tzinfo=UTC)
GITHUB, GITLAB = "/repos/acme/shop", "/api/v4/projects/acme%2Fshop"


@dataclass
class Forge:
    """Requests by number, and how many answers it has left to give."""

    kind: str
    requests: dict[int, dict[str, Any]] = field(default_factory=dict)
    left: int = 1_000_000
    odd: dict[str, Any] = field(default_factory=dict)
    """What it says at a path, instead of what it should."""

    def change(self, number: int, minute: int, **fields: Any) -> None:
        at = (DAY + timedelta(minutes=minute)).isoformat().replace("+00:00", "Z")
        own = {"number": number} if self.kind == "github" else {"iid": number, "id": number * 7}
        person = {"login": "ann"} if self.kind == "github" else {"username": "ann"}
        known = {"title": f"R{number}", "state": "open", "created_at": "2026-02-01T00:00:00Z", "user": person}
        self.requests[number] = {**own, **known, "updated_at": at, **fields}

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.left -= 1
        parts = urlsplit(handler.path)
        path = parts.path.removeprefix(GITHUB if self.kind == "github" else GITLAB)
        status, body = (200, self.odd[path]) if path in self.odd else self._found(path, parse_qs(parts.query))
        if isinstance(body, int):
            status, body = body, {}
        limited = self.left < 0
        text = b"{}" if limited else body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(403 if limited else status)
        handler.send_header("X-RateLimit-Remaining", str(max(self.left, 0)))
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    def _found(self, path: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        match path.split("/")[1:]:
            case [_]:
                first = (int(query["page"][0]) - 1) * int(query["per_page"][0])
                newest = sorted(self.requests.values(), key=lambda each: each["updated_at"], reverse=True)
                return 200, newest[first : first + int(query["per_page"][0])]
            case [_, number] if int(number) in self.requests:
                return 200, {**self.requests[int(number)], "additions": 10, "changed_files": 2, "changes_count": "2"}
            case [_, _, "reviews"]:
                return 200, [{"user": {"login": "bob"}, "state": "APPROVED", "submitted_at": "2026-02-02T00:00:00Z"}]
            case [_, _, "approvals"]:
                return 200, {"approved_by": [{"user": {"username": "bob"}, "approved_at": "2026-02-02T00:00:00Z"}]}
        return 404, {"message": "Not Found"}


@contextmanager
def serving(kind: str = "github") -> Iterator[tuple[Forge, Receiver]]:
    forge = Forge(kind)
    with receiving(forge.answer) as server:
        yield forge, server


def collect(server: Receiver, memory: Memory, hours: float, *, path: str = GITHUB, **options: Any) -> None:
    project = ProjectConfig(id="shop", forge=ForgeSource(url=server.url(path), **options))
    (task,) = COLLECTOR.find(QualityConfig(projects=(project,)))
    context = Context(memory, DAY + timedelta(hours=hours), b"key", Path())
    for batch in COLLECTOR.collect(task, context):
        memory.store(batch)


def numbers(memory: Memory) -> list[int]:
    return [row["number"] for row in memory.rows]


@pytest.mark.parametrize(("kind", "path"), [("github", GITHUB), ("gitlab", GITLAB)])
def test_requests_with_their_reviews_are_read_and_then_only_what_changed(kind: str, path: str) -> None:
    with serving(kind) as (forge, server):
        for number in (1, 2, 3):
            forge.change(number, 10 - number)
        memory = Memory()
        collect(server, memory, 1, path=path)
        assert numbers(memory) == [3, 2, 1]
        row = memory.rows[0]
        assert (row["service"], row["author"], row["reviewers"], row["approvals"]) == (kind, "ann", ["bob"], 1)
        assert (row["files"], row["first_review_at"]) == (2, datetime(2026, 2, 2, tzinfo=UTC))
        assert row["lines_added"] == 10

        asked = len(server.requests)
        collect(server, memory, 1.1, path=path)
        assert len(server.requests) == asked, "it is not due"
        collect(server, memory, 2, path=path)
        assert len(server.requests) == asked + 1, "nothing has changed"

        forge.change(2, 70, state="closed", merged_at="2026-03-01T01:00:00Z", merge_commit_sha="a" * 40)
        forge.change(9, 9)  # of the instant that was reached, and not seen
        collect(server, memory, 3, path=path)
        assert numbers(memory) == [3, 2, 1, 9, 2]
        assert (memory.rows[-1]["state"], memory.rows[-1]["merge_commit"]) == ("merged", "a" * 40)


def test_many_come_page_by_page_and_in_batches() -> None:
    with serving() as (forge, server):
        for number in range(1, 231):
            forge.change(number, number)
        memory = Memory()
        collect(server, memory, 5)
        assert numbers(memory) == list(range(1, 231))
        assert [batch.tables["code_reviews"].num_rows for batch in memory.batches] == [*[PER_BATCH] * 4, 30]
        assert [batch.read_from["at"] is None for batch in memory.batches] == [*[True] * 4, False]


def test_a_first_look_takes_no_more_than_some_and_the_next_is_due_at_once() -> None:
    with serving() as (forge, server):
        for number in range(1, MOST_AT_ONCE + 8):
            forge.change(number, number)
        memory = Memory()
        collect(server, memory, 9)
        assert numbers(memory) == list(range(1, MOST_AT_ONCE + 1))
        collect(server, memory, 9.01)
        assert numbers(memory) == list(range(1, MOST_AT_ONCE + 8))
        assert isinstance(memory.batches[-1].read_from["at"], int)


def test_a_forge_that_answers_no_more_is_asked_again_from_there() -> None:
    with serving() as (forge, server):
        for number in range(1, 31):
            forge.change(number, number)
        memory, hour = Memory(), 1
        while len(numbers(memory)) < 30 and hour < 12:
            forge.left = 11  # the list, and five requests with their reviews
            collect(server, memory, hour)
            assert memory.batches[-1].read_from["exhausted"] is (hour < 6)
            hour += 1
        assert numbers(memory) == list(range(1, 31))


def test_a_forge_that_stops_just_behind_a_batch_is_not_asked_again_at_once() -> None:
    with serving() as (forge, server):
        for number in range(1, PER_BATCH + 10):
            forge.change(number, number)
        forge.left = 1 + 2 * PER_BATCH
        memory = Memory()
        collect(server, memory, 1)
        assert len(numbers(memory)) == PER_BATCH
        asked = len(server.requests)
        collect(server, memory, 1.01)
        assert len(server.requests) == asked
        forge.left = 100
        collect(server, memory, 2)
        assert numbers(memory) == list(range(1, PER_BATCH + 10))


def test_the_token_is_sent_and_stands_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as (forge, server):
        forge.change(1, 1)
        monkeypatch.setenv("FORGE_TOKEN", "hunter2")
        memory = Memory()
        collect(server, memory, 1, token="env:FORGE_TOKEN")
        assert {request.headers["Authorization"] for request in server.requests} == {"Bearer hunter2"}
        assert "hunter2" not in repr([batch.read_from for batch in memory.batches])
        with pytest.raises(ConfigurationError, match=r"forge\.token refers to NOT_SET_ANYWHERE"):
            collect(server, memory, 2, token="env:NOT_SET_ANYWHERE")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [(401, "the token is not accepted"), (404, "it is not there"), (403, "may not read it"), (400, "status 400"),
     ({"message": "?"}, "no list"), (b"<html>", "no JSON"), (b"[" * 100_000, "no JSON")],
)  # fmt: skip
def test_a_refusal_is_a_sentence(said: Any, sentence: str) -> None:
    with serving() as (forge, server):
        forge.odd["/pulls"] = said
        with pytest.raises(SourceError, match=sentence) as caught:
            collect(server, Memory(), 1)
        assert "forge.url is https://api.github.com/repos/OWNER/NAME" in (caught.value.hint or "")


def test_an_ill_forge_is_waited_for_and_a_silent_one_is_an_error() -> None:
    with serving() as (forge, server):
        forge.odd["/pulls"] = 502
        memory = Memory()
        collect(server, memory, 1)
        assert memory.batches[-1].read_from["exhausted"] is True
        forge.odd.clear()
        forge.change(1, 1)
        collect(server, memory, 2)
        assert numbers(memory) == [1]
    with pytest.raises(SourceError, match="connection re"):
        collect(server, memory, 3)


@pytest.mark.parametrize("said", [404, b"{", [], {"number": -1}, {"number": 2}, "text", {"number": 2, "reviews": 7}])
def test_one_that_cannot_be_used_is_refused_and_the_others_are_kept(said: Any) -> None:
    with serving() as (forge, server):
        for number in (1, 2, 3):
            forge.change(number, number)
        forge.odd["/pulls/2"] = said
        forge.odd["/pulls/3/reviews"] = said
        memory = Memory()
        collect(server, memory, 1)
        assert numbers(memory) == [1, 3]
        (refused,) = memory.batches[-1].rejected
        assert (refused.table, refused.position) == ("code_reviews", "request 2")
        collect(server, memory, 2)
        assert numbers(memory) == [1, 3], "it is not asked for again until it changes"


@pytest.mark.parametrize("listed", [[None, 7, {"number": True, "updated_at": "2026-03-01T00:00:00Z"}, {"number": 1}]])
def test_entries_of_the_list_that_name_nothing_are_passed_over(listed: Any) -> None:
    with serving() as (forge, server):
        forge.odd["/pulls"] = listed
        memory = Memory()
        collect(server, memory, 1)
        assert numbers(memory) == []


@pytest.mark.parametrize(
    "url", ["ftp://x/y", "https://host", "https://host/", "https://u:p@host/x", "https://host/x?y"]
)
def test_addresses_that_are_none_are_refused_by_the_configuration(url: str) -> None:
    with pytest.raises(ValueError, match="url"):
        ForgeSource(url=url)
