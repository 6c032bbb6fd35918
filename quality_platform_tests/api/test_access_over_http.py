"""Who may ask what over HTTP: roles, project keys, revocation, the audit, and what every answer tells browsers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from quality_platform.access import keys, tokens
from quality_platform.api.app import framework
from quality_platform.api.security.bearer import BURST, PER_SECOND
from quality_platform.state.database import State
from quality_platform_tests.data.live import Live, serving

STATUS = "/api/v1/quality-monitoring/status"
OPEN = ("/", "/health/live", "/health/ready")
ORIGIN = "https://board.example.com"
SAMPLE = {"metric": "m", "value": 1}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("access"), cors_origins=(ORIGIN,)) as service:
        yield service


def ask(live: Live, path: str, token: str | None = None, method: str = "GET", **more: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.request(method, f"{live.base}{path}", headers={**headers, **more})


def test_everything_but_health_and_the_start_asks_for_a_token(live: Live) -> None:
    routes = [(path, method.upper()) for path, item in framework().openapi()["paths"].items() for method in item]
    closed = [(path, method) for path, method in routes if path not in OPEN and "/ingest/" not in path]

    assert {path for path, _ in closed} >= {STATUS, "/metrics", "/api/v1/audit"}
    for path, method in [*closed, ("/api/v1/ingest/ledger", "GET")]:
        answer = ask(live, path, method=method)
        assert answer.status_code == 401, path
        assert answer.headers["www-authenticate"] == "Bearer"
        # Alertmanager's clients read an error as one text
        said = answer.json() if path.startswith("/api/v2/") else answer.json()["detail"]
        assert "quality-platform tokens create" in said
    assert {ask(live, path).status_code for path in OPEN} == {200}


def test_a_role_lets_in_itself_and_those_above(live: Live) -> None:
    wanted = {"viewer": (STATUS, "GET"), "editor": ("/api/v1/quality-monitoring/start", "POST"),
              "admin": ("/api/v1/audit", "GET")}  # fmt: skip
    found = {
        role: [ask(live, path, token, method).status_code for path, method in wanted.values()]
        for role in wanted
        for token in [live.token(role)]
    }

    assert found == {"viewer": [200, 403, 403], "editor": [200, 200, 403], "admin": [200, 200, 200]}
    refused = ask(live, "/api/v1/audit", live.token("viewer")).json()["detail"]
    assert "needs the role admin" in refused


def test_a_project_key_is_good_for_sending_alone(live: Live) -> None:
    answer = ask(live, STATUS, str(live.key("keyed")["key"]))

    assert answer.status_code == 403
    assert "project key" in answer.json()["detail"]


def test_a_token_is_no_project_key(live: Live) -> None:
    assert httpx.post(
        f"{live.base}/api/v1/ingest/metrics",
        json=SAMPLE,
        headers={"Authorization": f"Bearer {live.token('admin')}"},
    ).status_code == 403  # fmt: skip


def test_an_expired_token_is_refused(live: Live) -> None:
    end = datetime.now(UTC) + timedelta(seconds=1)
    token = live.token("viewer", expires_at=end)
    answers = []
    while not answers or answers[-1][0] < end:
        answers.append((datetime.now(UTC), ask(live, STATUS, token), datetime.now(UTC)))
        time.sleep(1 / PER_SECOND)  # so that it is not refused for asking too often

    assert {answer.status_code for _, answer, answered in answers if answered < end} <= {200}
    _, answer, _ = answers[-1]
    assert answer.status_code == 401
    assert "expired" in answer.json()["detail"]


def test_a_revoked_token_and_a_revoked_key_end_within_five_seconds(live: Live) -> None:
    token, key = live.token("viewer"), live.key("revoked")["key"]
    send = {"Authorization": f"Bearer {key}"}
    assert ask(live, STATUS, token).status_code == 200
    assert httpx.post(f"{live.base}/api/v1/ingest/metrics", json=SAMPLE, headers=send).status_code < 300
    with closing(State(live.settings)) as state:
        tokens.revoke(state, token, datetime.now(UTC), actor="test")
        keys.revoke(state, key, datetime.now(UTC), actor="test")
    time.sleep(5.1)

    assert ask(live, STATUS, token).status_code == 401
    assert httpx.post(f"{live.base}/api/v1/ingest/metrics", json=SAMPLE, headers=send).status_code == 403


def test_sign_ins_are_noted_and_those_that_fail_are_limited_and_audited_and_lock_nobody_out(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        token = live.token("viewer")
        answers: list[httpx.Response] = []
        # one more is allowed every five seconds, and on a busy machine some of these pass
        while len(answers) < 60 and (not answers or answers[-1].status_code != 429):
            answers.append(ask(live, STATUS, f"qpt_{len(answers)}"))
        assert [answer.status_code for answer in answers[:20]] == [401] * 20
        assert answers[-1].status_code == 429
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert ask(live, STATUS, token).status_code == 200
    with closing(State(live.settings)) as state:
        (row,) = tokens.listed(state)
    assert row.last_used_at is not None
    live.nowhere(token)
    with serving(tmp_path) as again:
        found = ask(again, "/api/v1/audit?action=sign_in", again.token("admin")).json()["changes"]
    assert sum(change["details"]["times"] for change in found) == len(answers)
    assert {change["actor"] for change in found} == {"127.0.0.1"}


def test_who_asks_too_often_is_told_when_to_come_back(live: Live) -> None:
    token = live.token("viewer")
    answers, began = [], time.monotonic()
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}) as client:
        while (not answers or answers[-1].status_code != 429) and len(answers) < 5 * BURST:
            answers.append(client.get(f"{live.base}{STATUS}"))

    assert {answer.status_code for answer in answers[:BURST]} == {200}
    if answers[-1].status_code == 429:
        assert int(answers[-1].headers["retry-after"]) >= 1
    else:  # a machine may be too busy to ask too often
        assert len(answers) < BURST + PER_SECOND * (time.monotonic() - began)


def test_the_audit_says_who_made_which_token_and_goes_back_by_pages(live: Live) -> None:
    admin = live.token("admin")
    for _ in range(3):
        live.token("viewer")

    first = ask(live, "/api/v1/audit?action=token.create&limit=2", admin).json()
    rest = ask(live, f"/api/v1/audit?action=token&limit=2&before={first['before']}", admin).json()

    positions = [change["position"] for change in (*first["changes"], *rest["changes"])]
    assert positions == sorted(positions, reverse=True)
    assert len(set(positions)) == 4
    assert {change["actor"] for change in first["changes"]} == {"test"}
    assert first["changes"][0]["details"]["role"] == "viewer"


@pytest.mark.parametrize("path", ["/", "/health/live", STATUS, "/nowhere", "/api/v1/ingest/metrics"])
def test_every_answer_carries_the_headers_that_browsers_need(live: Live, path: str) -> None:
    headers = ask(live, path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers
    assert headers["x-request-id"] != ask(live, path).headers["x-request-id"]


def test_pages_of_other_sites_may_send_but_not_ask(live: Live) -> None:
    asked = {"Origin": "https://evil.example.com", "Access-Control-Request-Method": "POST",
             "Access-Control-Request-Headers": "authorization"}  # fmt: skip
    sending = httpx.options(f"{live.base}/api/v1/ingest/metrics", headers=asked)
    refused = ask(live, "/api/v1/ingest/metrics", method="POST", Origin="https://evil.example.com")
    asking = httpx.options(f"{live.base}{STATUS}", headers=asked)
    allowed = httpx.options(f"{live.base}{STATUS}", headers={**asked, "Origin": ORIGIN})

    assert (sending.status_code, sending.headers["access-control-allow-origin"]) == (204, "*")
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, "*")
    assert "access-control-allow-origin" not in asking.headers
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, ORIGIN)


def test_refusals_of_a_door_are_readable_by_pages_of_any_site(live: Live) -> None:
    url = f"{live.base}/api/v1/ingest/metrics"
    headers = {"Authorization": f"Bearer {live.key('browser')['key']}", "Origin": "https://any.example.com"}
    answers = [
        httpx.post(url, json={"metric": "m"}, headers={**headers, "Authorization": "Bearer qpk_nobody"}),
        httpx.post(url, content=b"\x00", headers=headers),
        httpx.post(url, content=b"x" * (live.settings.ingest_body_bytes + 1), headers=headers),
    ]

    assert [answer.status_code for answer in answers] == [403, answers[1].status_code, 413]
    assert 400 <= answers[1].status_code < 500
    assert {answer.headers["access-control-allow-origin"] for answer in answers} == {"*"}


def test_openapi_says_how_to_sign_in(live: Live) -> None:
    document = ask(live, "/api/v1/openapi.json").json()

    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert document["paths"][STATUS]["get"]["security"] == [{"token": []}]
    assert "security" not in document["paths"]["/health/live"]["get"]
