"""Whatever the OpenAPI allows or forbids is sent to the real service: no answer is a server's fault."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.schemas import OpenApiSchema

from quality_platform.access import tokens
from quality_platform.state.database import State
from quality_platform_tests.data.live import Live, serving


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("fuzzed")) as service:
        yield service


@pytest.fixture(scope="module")
def credentials(live: Live) -> dict[str, str]:
    """An admin's token, and a key for the doors."""
    with closing(State(live.settings)) as state:
        token = tokens.create(state, "fuzz", "admin", datetime.now(UTC), actor="test").token
    return {"people": token, "doors": str(live.key("fuzz")["key"])}


@pytest.fixture(scope="module")
def described(live: Live, credentials: dict[str, str]) -> OpenApiSchema:
    headers = {"Authorization": f"Bearer {credentials['people']}"}
    return schemathesis.openapi.from_url(f"{live.base}/api/v1/openapi.json", headers=headers)


# other ones each time
@pytest.mark.parametrize("examples", [12, pytest.param(300, marks=pytest.mark.soak)])
def test_no_request_is_answered_by_a_fault(
    described: OpenApiSchema, credentials: dict[str, str], live: Live, examples: int
) -> None:
    operations = [found.ok() for found in described.get_all_operations()]
    assert len(operations) > 5

    for operation in operations:
        is_door = "/ingest/" in operation.path and operation.method.upper() == "POST"
        headers = {"Authorization": f"Bearer {credentials['doors' if is_door else 'people']}"}
        ask(operation, live.base, headers, examples)


def ask(operation: schemathesis.APIOperation, base: str, headers: dict[str, str], examples: int) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def once(case: schemathesis.Case) -> None:
        response = case.call(base_url=base, headers=headers, timeout=20)

        # 503 and 429 ask to come again, and say when
        later = response.status_code == 503 and "retry-after" in response.headers
        assert response.status_code < 500 or later, case.as_curl_command()
        assert "Traceback" not in response.text

    once()


def test_good_items_were_kept_beside_what_was_thrown_at_it(live: Live, credentials: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {credentials['doors']}"}
    sample = {"metric": "after.fuzzing", "value": 1}

    assert httpx.post(f"{live.base}/api/v1/ingest/metrics", json=sample, headers=headers).status_code == 202

    live.until("SELECT 1 FROM raw.metric_samples WHERE metric = 'after.fuzzing'")
    live.assert_adds_up("fuzz")
    assert not live.sql("SELECT 1 FROM raw.ingest_counts WHERE project = 'fuzz' AND reason = 'internal'")
