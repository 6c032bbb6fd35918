"""Keeps pandas out of quick verbs.

DuckDB and pyarrow import it as soon as it can be imported, to look whether they were given something of it: 0.25 s of
which a verb that uses none has nothing. Does not belong here: anything that is used.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

VERBS = ("scan", "gate", "status", "lineage")
"""Verbs without pandas."""


class _Absent:
    """Finds no pandas, and stands before those who would."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name == "pandas":
            raise ModuleNotFoundError("this verb has no use for pandas", name=name)
        return None


def prepare(arguments: Sequence[str]) -> None:
    """Keep pandas out when `arguments`, those of the process, begin with a verb that has no use for it."""
    if arguments and arguments[0] in VERBS:
        sys.meta_path.insert(0, _Absent())
