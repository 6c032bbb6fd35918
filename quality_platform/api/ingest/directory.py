"""Which project a key sends to, answered from memory (`api/directory.py`)."""

from __future__ import annotations

from functools import partial

from quality_platform.access import keys
from quality_platform.api.directory import Directory
from quality_platform.state.database import State


class KeyDirectory(Directory[str]):
    """The project keys in use."""

    def __init__(self, state: State) -> None:
        super().__init__(partial(keys.projects_by_digest, state), partial(keys.used, state))

    def project_of(self, key: str) -> str | None:
        """The project that `key` sends to; None for a key that is unknown or revoked."""
        return self.holder(key)
