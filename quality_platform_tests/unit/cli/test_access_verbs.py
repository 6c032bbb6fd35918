"""Keys, tokens and the audit on the command line: shown once, listed by their beginnings, revoked."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from quality_platform_tests.data.verbs import verb


@pytest.fixture
def call(tmp_path: Path) -> Any:
    def run(*arguments: str, code: int = 0, **more: str) -> str:
        answer = verb(tmp_path, *arguments, LOGNAME="ann", **more)
        assert answer.code == code, answer.err
        return answer.out if code == 0 else answer.err

    return run


def test_a_key_is_shown_once_with_lines_for_each_client(call: Any) -> None:
    shown = call("keys", "create", "shop")
    (key,) = set(re.findall(r"qpk_\w+", shown))

    assert f"http://{key}@127.0.0.1:8600/1" in shown
    words = ("sentry_sdk.init", "new PostHog", "write_key", "OTEL_EXPORTER", "remote_write:", "curl ")
    assert [word for word in words if word not in shown] == []
    (row,) = json.loads(call("keys", "list", "--json"))
    assert key.startswith(row["prefix"])
    assert key not in call("keys", "list")
    assert "revoked" in call("keys", "revoke", row["prefix"])
    assert json.loads(call("keys", "list", "--json"))[0]["revoked_at"]


def test_one_client_alone_is_nothing_but_its_lines(call: Any) -> None:
    lines = call(
        "keys", "create", "shop", "--client", "sentry-python", QUALITY_PLATFORM_PUBLIC_URL="https://q.example/"
    )

    compile(lines, "lines", "exec")
    assert re.search(r'"https://qpk_\w+@q\.example/1"', lines)
    assert "sentry-python" in call("keys", "create", "shop", "--client", "nope", code=2)
    # a client that is not there costs no key
    assert len(json.loads(call("keys", "list", "--json"))) == 1


def test_json_holds_what_tests_and_programs_need(call: Any) -> None:
    found = json.loads(call("keys", "create", "shop", "--json"))

    assert {"project", "key", "address", "sentry_dsn", "posthog", "segment", "opentelemetry", "prometheus", "http"} <= {
        *found
    }
    assert "sentry-node" in found["snippets"]


def test_tokens_are_made_listed_and_revoked_and_the_audit_tells_it(call: Any) -> None:
    token = json.loads(call("tokens", "create", "grafana", "--role", "editor", "--expires-days", "2", "--json"))
    assert token["token"].startswith("qpt_")
    assert "viewer, editor, admin" in call("tokens", "create", "x", "--role", "king", code=2)

    listed = call("tokens", "list")
    assert "grafana" in listed
    assert token["token"] not in listed
    assert "grafana" in call("tokens", "revoke", "grafana")
    assert "revoked" in call("tokens", "list")

    changes = json.loads(call("audit", "--action", "token", "--json"))
    assert [(each["actor"], each["action"], each["subject"]) for each in changes] == [
        ("ann", "token.revoke", "grafana"), ("ann", "token.create", "grafana"),
    ]  # fmt: skip
    assert "token.revoke" in call("audit", "--limit", "1")
