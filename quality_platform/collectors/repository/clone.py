"""Keeps our own bare clone of a repository up to date.

The clone takes the commits behind HEAD over and nothing else: no configuration, no hooks, no tags, no submodules,
no large-file objects. It is made beside its place and moved there when it is whole, so that a killed scan
leaves either a whole clone or none. The caller holds the lock of the source.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from quality_platform.collectors.repository.git import Clone, GitError, run, run_in
from quality_platform.collectors.repository.location import Location
from quality_platform.collectors.repository.remote import Head, explained

BRANCH = "scanned"
REF = f"refs/heads/{BRANCH}"
FETCH_SECONDS = 3600.0


def refresh(location: Location, head: Head, place: Path) -> Clone:
    """The clone at `place`, holding HEAD of `location`. Raises SourceError when that cannot be had."""
    if place.is_dir():
        try:
            if _tip(place) != head.sha:
                _fetch(place, location)
            return _opened(place)
        except GitError:
            # damaged, or of another hash function than the source has now: only a new one can tell
            pass
    return _made(location, head, place)


def discard(place: Path) -> None:
    """Remove the clone at `place`, so that the next scan makes a new one."""
    shutil.rmtree(place, ignore_errors=True)


def _made(location: Location, head: Head, place: Path) -> Clone:
    """A new clone at `place`, which replaces one that is there."""
    draft = place.with_name(f"{place.name}.partial")
    shutil.rmtree(draft, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    object_format = "sha256" if len(head.sha) == 64 else "sha1"
    try:
        run(
            *("init", "--quiet", "--bare", "--template=", f"--initial-branch={BRANCH}"),
            *(f"--object-format={object_format}", "--", str(draft)),
            folder=place.parent,
        )
        _share(draft, location)
        _fetch(draft, location)
    except GitError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise explained(location, error) from error
    discard(place)
    draft.rename(place)
    return _opened(place)


def _share(folder: Path, location: Location) -> None:
    """Read the objects of a repository on this machine where they are: copying them takes as long as analysing them.

    What the source throws away later is missing then, which ends in a new clone; what was read is stored.
    """
    if location.folder is None:
        return
    for objects in (location.folder / ".git" / "objects", location.folder / "objects"):
        # of a shallow repository git tells what is missing only when it copies
        if objects.is_dir() and "\n" not in str(objects) and not (objects.parent / "shallow").exists():
            (folder / "objects" / "info").mkdir(exist_ok=True)
            (folder / "objects" / "info" / "alternates").write_text(f"{objects}\n", "utf-8", "surrogateescape")
            return


def _fetch(folder: Path, location: Location) -> None:
    whole = ("--unshallow",) if (folder / "shallow").exists() else ()
    run_in(
        folder,
        *("fetch", "--quiet", "--force", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"),
        # a shallow source is taken as it is; one that has been completed since completes ours
        *("--update-shallow", *whole, *location.arguments, "--", location.address, f"+HEAD:{REF}"),
        seconds=FETCH_SECONDS,
        environment=location.environment,
    )


def _tip(folder: Path) -> str:
    return run_in(folder, "rev-parse", "--verify", "--quiet", f"{REF}^{{commit}}").decode().strip()


def _opened(folder: Path) -> Clone:
    return Clone(folder, _tip(folder), (folder / "shallow").exists())
