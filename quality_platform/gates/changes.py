"""Which lines a change brings: the files that differ between a base and HEAD, with the new lines of each.

Does not belong here: what stands in them (`new_code.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from quality_platform.collectors.repository.clone import FETCH_SECONDS, refresh
from quality_platform.collectors.repository.git import Clone, GitError, run, run_in
from quality_platform.collectors.repository.location import Location, locate
from quality_platform.collectors.repository.patch import Changed, read_patch
from quality_platform.collectors.repository.remote import ASK_SECONDS, read_head
from quality_platform.errors import SourceError

PLACES = ("refs/heads/{}", "refs/remotes/{}", "refs/remotes/origin/{}", "refs/tags/{}", "{}")
"""What the name of a base may stand for, in the order that it is looked for."""

REF = "refs/gate/base"


@dataclass(frozen=True, slots=True)
class Changes:
    """What lies between `base`, where the change left the other line, and the clone's head."""

    clone: Clone
    base: str
    files: tuple[Changed, ...]
    checkout: Path | None = None
    """Where the repository lies, if it lies on this machine."""

    @property
    def lines(self) -> Mapping[str, frozenset[int]]:
        """New lines by path."""
        return {file.path: file.lines for file in self.files if file.after}


def read_changes(repository: str, base: str, place: Path) -> Changes:
    """What HEAD of `repository` has that `base` has not. Raises SourceError when either cannot be read."""
    location = locate(repository)
    clone = refresh(location, read_head(location), place)
    ref = _found(location, base)
    run_in(
        place, "fetch", "--quiet", "--force", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head",
        "--update-shallow", *location.arguments, "--", location.address, f"+{ref}:{REF}",
        seconds=FETCH_SECONDS, environment=location.environment,
    )  # fmt: skip
    try:
        left = clone.run("merge-base", REF, clone.head).decode().strip()
    except GitError as error:
        raise SourceError(
            f"{base} and HEAD have no commit in common.",
            hint="A shallow checkout lacks it: fetch the whole history (fetch-depth: 0 in GitHub's checkout action).",
        ) from error
    return Changes(clone, left, tuple(read_patch(clone, left)), location.folder)


def _found(location: Location, base: str) -> str:
    """The reference that `base` names."""
    output = run(
        *("ls-remote", *location.arguments, "--", location.address),
        folder=Path(Path.cwd().anchor), seconds=ASK_SECONDS, environment=location.environment,
    )  # fmt: skip
    known = {name: sha for sha, name in (line.split("\t") for line in output.decode("utf-8", "replace").splitlines())}
    for place in PLACES:
        if place.format(base) in known:
            return place.format(base)
    by_hash = next((name for name, sha in known.items() if len(base) >= 7 and sha.startswith(base)), None)
    if by_hash is None:
        names = ", ".join(name.removeprefix("refs/heads/") for name in known if name.startswith("refs/heads/"))[:200]
        raise SourceError(f"--base {base!r} is no branch or tag of {location.shown}.", hint=f"There are {names}.")
    return by_hash
