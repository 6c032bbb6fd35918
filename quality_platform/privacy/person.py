"""A person as the lake knows them: one keyed hash for each project.

Belongs here: from an identifier to the hashes it may stand under. Does not belong here: rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from quality_platform.collectors.pseudonym import pseudonym
from quality_platform.errors import UsageError
from quality_platform.warehouse.lake import Lake

COLUMN = "user_key"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, by the identifier that the application sends. `reference` stands for them in the audit."""

    reference: str
    projects: Mapping[str, str]
    """Project by key: keys differ from project to project."""

    @property
    def keys(self) -> list[str]:
        """All hashes that rows about them may carry."""
        return list(self.projects)


def person(lake: Lake, secret: bytes, user: str, project: str | None = None) -> Person:
    """Whoever `user` is, in `project` or in all that the lake knows. Raises UsageError for an empty identifier and for
    a project that nothing came from."""
    if not user.strip():
        raise UsageError("The user's identifier is empty.")
    known = [row["project"] for row in lake.rows("SELECT DISTINCT project FROM raw.batches")]
    if project is not None and project not in known:
        raise UsageError(f"Nothing is kept of a project {project!r}.", hint=f"There are: {', '.join(sorted(known))}.")
    wanted = [project] if project is not None else known
    # doors take the spaces around an identifier away, files' readers leave them
    spellings = dict.fromkeys((user, user.strip()))
    keys = {pseudonym(secret, each, spelling): each for each in wanted for spelling in spellings}
    return Person(pseudonym(secret, "", user.strip()), keys)
