"""Which records speak of the same fault: those that name each other, directly or through others.

Does not belong here: what the records say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_PREFERRED = ("CVE-", "GHSA-", "PYSEC-", "RUSTSEC-", "GO-")


def canonical(records: Iterable[tuple[str, Iterable[str]]]) -> Mapping[str, str]:
    """For each id, and each alias, the one name of its fault: a CVE where there is one, the oldest of several."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for name, aliases in records:
        for alias in (name, *aliases):
            one, other = sorted((root(name), root(alias)), key=_rank)
            parent[other] = one
    return {name: root(name) for name in parent}


def _rank(name: str) -> tuple[int, int, str]:
    place = next((at for at, prefix in enumerate(_PREFERRED) if name.startswith(prefix)), len(_PREFERRED))
    return place, len(name), name
