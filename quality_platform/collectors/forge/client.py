"""Asking the API of a forge, within limits of its own and of ours.

Belongs here: one answer as JSON, and sentences for refusals. Does not belong here: which addresses (`forges.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

from quality_platform.collectors.web.bearer import bearer
from quality_platform.collectors.web.get import Limits, UnansweredError, get
from quality_platform.errors import SourceError
from quality_platform.model.live_sources import ForgeSource

BODY_BYTES = 16 * 1024 * 1024
ACCEPT = {"Accept": "application/json", "Accept-Encoding": "gzip"}
OK, MOST_ERRORS = 200, 500
GONE = (404, 410)
REFUSALS = {401: "the token is not accepted", 403: "the token may not read it", 404: "it is not there"}


class ExhaustedError(Exception):
    """The forge answers no more for a while: its limit is reached, or it is ill."""


class MissingError(Exception):
    """There is nothing at the address, or nothing that can be read. The message says which."""


@dataclass(frozen=True)
class Client:
    """Asks what lies under the `url` of `source`."""

    source: ForgeSource

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """What every request carries. Raises ConfigurationError for a token that is not set."""
        return {**ACCEPT, **bearer("forge.token", self.source.token)}

    def listed(self, path: str) -> list[Any]:
        """A list. Raises SourceError where the forge does not give it, ExhaustedError."""
        try:
            found = self.asked(path)
        except MissingError as error:
            raise self._refused(str(error)) from None
        if not isinstance(found, list):
            raise self._refused("the answer is no list")
        return found

    def asked(self, path: str) -> Any:
        """The answer at `path`. Raises MissingError, ExhaustedError, and SourceError where the forge refuses."""
        limits = Limits(self.source.timeout_seconds, BODY_BYTES, redirects=3)
        try:
            answer = get(f"{self.source.url}/{path}", limits, self.headers, self.source.ca_file)
        except UnansweredError as error:
            raise self._refused(str(error)) from None
        if _is_exhausted(answer.status, answer.headers):
            raise ExhaustedError
        if answer.status in GONE:
            raise MissingError(REFUSALS[404])
        if answer.status != OK:
            raise self._refused(REFUSALS.get(answer.status, f"status {answer.status}"))
        try:
            if answer.cut:
                raise ValueError(f"longer than {BODY_BYTES:,} bytes")
            return orjson.loads(answer.body)
        except ValueError as error:
            raise MissingError(f"the answer is no JSON: {str(error)[:100]}") from None

    def _refused(self, why: str) -> SourceError:
        return SourceError(
            f"{self.source.url} cannot be read: {why}.",
            hint="forge.url is https://api.github.com/repos/OWNER/NAME, or https://gitlab.com/api/v4/projects/ID; "
            "forge.token one that may read its requests.",
        )


def _is_exhausted(status: int, headers: Mapping[str, str]) -> bool:
    limited = headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers
    return status >= MOST_ERRORS or status == 429 or (status == 403 and limited)
