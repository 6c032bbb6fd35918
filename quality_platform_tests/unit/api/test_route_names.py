"""Names of routes: methods apart, hosts kept or not, what names one thing among many masked."""

from __future__ import annotations

import pytest

from quality_platform.api.ingest.route_names import address_pattern, method_and_route, path_pattern


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("GET /orders", ("GET", "/orders")),
        ("POST https://x.example/a", ("POST", "https://x.example/a")),
        ("/orders", (None, "/orders")),
        ("GETTING /x", (None, "GETTING /x")),
        ("get /x", (None, "get /x")),
        ("GET", (None, "GET")),
        ("", (None, "")),
    ],
)
def test_methods_stand_before_routes(name: str, expected: tuple[str | None, str]) -> None:
    assert method_and_route(name) == expected


@pytest.mark.parametrize(
    ("url", "path", "address"),
    [
        ("/orders/7?key=secret#part", "/orders/{id}", "/orders/{id}"),
        ("https://x.example/orders/7", "/orders/{id}", "x.example/orders/{id}"),
        ("https://bob:pw@x.example:8080/a", "/a", "x.example:8080/a"),
        ("https://x.example", "/", "x.example/"),
        ("https://x.example?key=secret", "/", "x.example/"),
        ("/f/123e4567-e89b-12d3-a456-426614174000/a", "/f/{id}/a", "/f/{id}/a"),
    ],
)
def test_values_in_addresses_are_masked(url: str, path: str, address: str) -> None:
    assert path_pattern(url) == path
    assert address_pattern(url) == address
