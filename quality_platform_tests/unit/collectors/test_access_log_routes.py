"""Routes: what is somebody's value becomes `{id}`, what is the application's word stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.collectors.access_logs.routes import ROUTE_LIMIT, SEGMENT_LIMIT, request_of, route_of


@pytest.mark.parametrize(
    ("target", "route"),
    [
        ("/", "/"),
        ("", "/"),
        ("*", "*"),
        ("/orders", "/orders"),
        ("/orders/", "/orders/"),
        ("/orders/17", "/orders/{id}"),
        ("/orders/17/items/3?sort=asc#top", "/orders/{id}/items/{id}"),
        ("/users/123e4567-e89b-12d3-a456-426614174000", "/users/{id}"),
        ("/users/123E4567E89B12D3A456426614174000", "/users/{id}"),
        ("/commit/6fe6fb3", "/commit/6fe6fb3"),
        ("/commit/6fe6fb31c2", "/commit/{id}"),
        ("/faded/defaced", "/faded/defaced"),
        ("/o/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/o/{id}"),
        ("/reset/dGhpcyBpcyBh4HNlY3JldA1x9z", "/reset/{id}"),
        ("/talks/logstash-monitorama-2013", "/talks/logstash-monitorama-2013"),
        ("/api/v2/things", "/api/v2/things"),
        ("/photos/123.jpg", "/photos/{id}.jpg"),
        ("/static/app.3f2a9c1b.js", "/static/app.{id}.js"),
        ("/static/jquery-1.9.1.min.js", "/static/jquery-1.9.1.min.js"),
        ("/by/bob@example.com", "/by/{id}"),
        ("/by/bob%40example.com", "/by/{id}"),
        ("/@babel/core", "/@babel/core"),
        ("/a;jsessionid=ABC/b", "/a/b"),
        ("https://shop.example.com/orders/17?x", "/orders/{id}"),
        ("http://shop.example.com", "/"),
        ("/login/password=hunter2", "/login/password=[secret]"),
    ],
)
def test_routes(target: str, route: str) -> None:
    assert route_of(target) == route


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("GET /a/7 HTTP/1.1", ("GET", "/a/{id}")),
        ("OPTIONS * HTTP/1.1", ("OPTIONS", "*")),
        ("CONNECT db:5432 HTTP/1.1", ("CONNECT", "db:5432")),
        ("GET /with space/x HTTP/1.1", ("GET", "/with space/x")),
        ("get / HTTP/1.1", (None, "(invalid)")),
        ("-", (None, "(invalid)")),
        ("", (None, "(invalid)")),
        ("GET", (None, "(invalid)")),
    ],
)
def test_request_lines(line: str, expected: tuple[str | None, str]) -> None:
    assert request_of(line) == expected


def test_depth_and_length_are_bounded() -> None:
    assert route_of("/a" * 1000).count("/") == SEGMENT_LIMIT + 1
    assert len(route_of("/" + "wörter" * 5000).encode()) <= ROUTE_LIMIT


@given(
    st.lists(st.integers(0, 10**12), min_size=1, max_size=5), st.lists(st.integers(0, 10**12), min_size=5, max_size=5)
)
def test_requests_that_differ_in_numbers_alone_are_one_route(some: list[int], others: list[int]) -> None:
    first = "".join(f"/part/{number}" for number in some)
    second = "".join(f"/part/{number}" for number in others[: len(some)])
    assert route_of(first) == route_of(second)


@given(st.text(max_size=300))
def test_no_query_is_ever_kept(text: str) -> None:
    assert "planted" not in route_of(f"/a?{text}planted")
    assert "planted" not in request_of(f"GET /a?{text.replace(' ', '')}planted HTTP/1.1")[1]
