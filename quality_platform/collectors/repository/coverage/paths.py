"""Finds the file of the repository that a coverage report means.

Reports name files by the paths of the machine that ran the tests: in a container, in another checkout, or
relative to a source folder. Does not belong here: reading the files; only names that stand in the
commit's tree are ever returned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

ENOUGH = 2
"""Components that must agree where a path lies outside: `setup.py` alone would match any project's."""


class Names:
    """The paths of one commit, found by their ends."""

    def __init__(self, paths: Iterable[str], checkout: Path) -> None:
        self._paths = frozenset(paths)
        self._checkout = checkout.as_posix()
        self._by_name: defaultdict[str, list[str]] = defaultdict(list)
        for path in self._paths:
            self._by_name[path.rpartition("/")[2]].append(path)

    def find(self, path: str, roots: Iterable[str] = ()) -> str | None:
        """The path in the repository that `path` means, alone or below one of `roots`; None when it is not there."""
        plain = path.replace("\\", "/")
        candidates = [plain] if _is_absolute(plain) else [*(f"{root}/{plain}" for root in roots), plain]
        found = (self._find(candidate) for candidate in candidates)
        return next((name for name in found if name), None)

    def _find(self, path: str) -> str | None:
        absolute = _is_absolute(path)
        if path.startswith(f"{self._checkout}/"):
            path, absolute = path[len(self._checkout) + 1 :], False
        parts = PurePosixPath(path.replace("\\", "/")).parts[absolute:]
        if not parts or ".." in parts:
            return None
        ends = list(_ends(parts, absolute=absolute))
        exact = (end for end in ends if end in self._paths)
        return next(exact, None) or next(filter(None, map(self._only, ends)), None)

    def _only(self, end: str) -> str | None:
        """The one path of the repository that ends with `end`."""
        found = [path for path in self._by_name[end.rpartition("/")[2]] if path.endswith(f"/{end}")]
        return found[0] if len(found) == 1 else None


def _is_absolute(path: str) -> bool:
    return path.startswith("/") or path[1:3] in (":/", ":\\")


def _ends(parts: tuple[str, ...], *, absolute: bool) -> Iterator[str]:
    """Ends of a path, longest first: a relative one as a whole, and whatever has components enough."""
    for start in range(len(parts)):
        if len(parts) - start >= ENOUGH or (start == 0 and not absolute):
            yield "/".join(parts[start:])
