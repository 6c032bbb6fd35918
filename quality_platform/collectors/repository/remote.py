"""Asks a repository where its HEAD is, without copying anything.

Belongs here: the one cheap question, and sentences for what can go wrong on the way. Does not belong here:
copying (`clone.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from quality_platform.collectors.repository.git import GitError, run
from quality_platform.collectors.repository.location import Location
from quality_platform.errors import SourceError

ASK_SECONDS = 20.0
PREFIX = "refs/heads/"
TAGS = "refs/tags/"
LONGEST_TAG = 250
MOST_TAGS = 20_000

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
    """The commit that HEAD of a repository names, and the branch, where it names one; `tags` are commits by name."""

    sha: str
    branch: str | None
    tags: Mapping[str, str] = field(default_factory=dict)


def read_head(location: Location) -> Head:
    """HEAD of the repository at `location`. Raises SourceError when it cannot be read or has no commit."""
    try:
        output = run(
            *("ls-remote", "--symref", *location.arguments, "--", location.address, "HEAD", f"{TAGS}*"),
            # at the root no repository is found around the working folder, whose settings would then count
            folder=Path(Path.cwd().anchor),
            seconds=ASK_SECONDS,
            environment=location.environment,
        )
    except GitError as error:
        raise explained(location, error) from error
    sha, branch = None, None
    tags: dict[str, str] = {}
    for line in output.decode("utf-8", "replace").splitlines():
        value, _, name = line.partition("\t")
        if name == "HEAD" and value.startswith("ref: "):
            branch = value.removeprefix("ref: ").removeprefix(PREFIX)
        elif name == "HEAD":
            sha = value
        elif name.startswith(TAGS) and name.isprintable() and len(name) <= LONGEST_TAG and len(tags) < MOST_TAGS:
            # of an annotated tag the second line, which ends in ^{}, has the commit
            tags[name.removeprefix(TAGS).removesuffix("^{}")] = value
    if sha is None:
        raise SourceError(f"{location.shown} has no commits yet.", hint="Commit something, then scan again.")
    return Head(sha, branch, tags)


def explained(location: Location, error: GitError) -> SourceError:
    """`error` in words that name the repository and say what would help."""
    said = error.said.lower()
    for signs, what, hint in REASONS:
        if any(sign in said for sign in signs):
            return SourceError(f"{location.shown} {what} ({error.said}).", hint=hint)
    return SourceError(f"{location.shown} cannot be read: {error.said}.")
