"""Asks a repository where its HEAD is, without copying anything.

Belongs here: the one cheap question, and sentences for what can go wrong on the way. Does not belong here:
copying (`clone.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from quality_platform.collectors.repository.git import GitError, run
from quality_platform.collectors.repository.location import Location
from quality_platform.errors import SourceError

ASK_SECONDS = 20.0
PREFIX = "refs/heads/"

REASONS = (
    (
        ("does not appear to be a git repository", "not found", "does not exist"),
        "is no git repository",
        "Name the top folder of a checkout, a bare repository, or a URL that git can clone.",
    ),
    (
        ("authentication failed", "could not read username", "permission denied", "error: 401", "error: 403"),
        "does not let us in",
        "Put a user and a token into the URL, or make a key available to ssh.",
    ),
    (
        ("host key verification",),
        "is not known to ssh",
        "Connect to it once by hand, or put its key into known_hosts.",
    ),
    (
        ("no answer within",),
        "does not answer",
        "Check the address, the network and the proxy.",
    ),
    (
        ("resolve host", "connect to", "refused", "timed out", "unreachable", "no route", "unable to access"),
        "cannot be reached",
        "Check the address, the network and the proxy.",
    ),
)


@dataclass(frozen=True, slots=True)
class Head:
    """The commit that HEAD of a repository names, and the branch, where it names one."""

    sha: str
    branch: str | None


def read_head(location: Location) -> Head:
    """HEAD of the repository at `location`. Raises SourceError when it cannot be read or has no commit."""
    try:
        output = run(
            *("ls-remote", "--symref", *location.arguments, "--", location.address, "HEAD"),
            # at the root no repository is found around the working folder, whose settings would then count
            folder=Path(Path.cwd().anchor),
            seconds=ASK_SECONDS,
            environment=location.environment,
        )
    except GitError as error:
        raise explained(location, error) from error
    sha, branch = None, None
    for line in output.decode("utf-8", "replace").splitlines():
        value, _, name = line.partition("\t")
        if name == "HEAD" and value.startswith("ref: "):
            branch = value.removeprefix("ref: ").removeprefix(PREFIX)
        elif name == "HEAD":
            sha = value
    if sha is None:
        raise SourceError(f"{location.shown} has no commits yet.", hint="Commit something, then scan again.")
    return Head(sha, branch)


def explained(location: Location, error: GitError) -> SourceError:
    """`error` in words that name the repository and say what would help."""
    said = error.said.lower()
    for signs, what, hint in REASONS:
        if any(sign in said for sign in signs):
            return SourceError(f"{location.shown} {what} ({error.said}).", hint=hint)
    return SourceError(f"{location.shown} cannot be read: {error.said}.")
