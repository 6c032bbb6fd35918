"""Names of HTTP routes from what clients call them: «METHOD /path», URLs, addresses of other services.

Belongs here: the parts of such a name. Does not belong here: what of a path is somebody's value, which is the same for
lines of access logs (`collectors/access_logs/routes.py`); statements and keys (`statements.py`).
"""

from __future__ import annotations

import re

from quality_platform.collectors.access_logs.routes import route_of

LONGEST = 4000
"""Characters that are looked at: the row keeps 1,000 of what is left."""

_METHOD = re.compile(r"(GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|QUERY)[ ]++(?=[/*\w])")
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]{0,20}://(?:[^/?#@]*+@)?([^/?#@]*+)", re.IGNORECASE)


def method_and_route(name: str) -> tuple[str | None, str]:
    """`GET /orders` as method and route; no method where the name begins with none."""
    found = _METHOD.match(name)
    return (found[1], name[found.end() :]) if found else (None, name)


def path_pattern(url: str) -> str:
    """The path of a URL or path, without query and fragment, `{id}` for what names one thing among many."""
    return route_of(url[:LONGEST])


def address_pattern(url: str) -> str:
    """Host and path of a URL, the path as in `path_pattern`."""
    found = _ORIGIN.match(url)
    return f"{found[1]}{route_of(url[found.end() : LONGEST])}" if found else path_pattern(url)
