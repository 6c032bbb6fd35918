"""Finds blocks of tokens that stand in several places.

All windows of `WINDOW` tokens are hashed at once; windows with one hash are copies of each other, and neighbours with
the same distance between them grow into blocks that are as long as they can be. What is equal by the kinds of its
tokens is a copy when its names were renamed consistently (parameterised matching, Baker 1995): a table is no copy of
another table. Does not belong here: tokens (`tokens.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from quality_platform.analysis.duplication.tokens import NAME, Numbers, Tokens

WINDOW = 50
"""Tokens that a copy has at least; jscpd's default."""
LEAST_LINES = 5
MOST_COPIES = 200
"""Copies of one window that are followed; a hash that stands in more places is boilerplate."""
CONSISTENT = 0.9
"""Share of the names that must have been renamed to the same name everywhere."""

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Copy:
    """A block in the file of number `file`."""

    file: int
    start_line: int
    end_line: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Group:
    """Copies of one block, the earliest first. `exact`: token for token, else with other names."""

    exact: bool
    copies: tuple[Copy, ...]


@dataclass(frozen=True, slots=True)
class _Text:
    """All files behind one another; `file` and `start` of the file tell where a token stands."""

    exact: Numbers
    kinds: Numbers
    lines: Numbers
    last_lines: Numbers
    file: Numbers


def clone_groups(files: Sequence[Tokens]) -> list[Group]:
    """Groups of copies, the longest first; every block is as long as it can be. Type 1 before type 2."""
    text = _joined(files)
    if len(text.kinds) < 2 * WINDOW:
        return []
    found = [*_groups(replace(text, kinds=text.exact), exact=True), *_groups(text, exact=False)]
    return sorted(_largest(found), key=lambda group: (-group.copies[0].tokens, group.copies[0].file))


def _groups(text: _Text, *, exact: bool) -> list[Group]:
    groups: dict[tuple[bytes, int], set[int]] = {}
    for one, other, length in _blocks(text.kinds, text.file):
        if _is_copy(text, one, other, length):
            key = (text.kinds[one : one + length].tobytes(), length)
            groups.setdefault(key, set()).update((one, other))
    return [
        Group(exact, tuple(_copy(text, place, length) for place in sorted(places)))
        for (_, length), places in groups.items()
    ]


def _joined(files: Sequence[Tokens]) -> _Text:
    def column(name: str) -> Numbers:
        return np.concatenate([getattr(tokens, name) for tokens in files] or [np.zeros(0, np.int64)])

    file = np.repeat(np.arange(len(files)), [len(tokens.kinds) for tokens in files])
    return _Text(column("exact"), column("kinds"), column("lines"), column("last_lines"), file)


def _windows(kinds: Numbers) -> Hashes:
    """Polynomial hash of each window, modulo 2**64, from sums over prefixes."""
    factor = np.uint64(0x9E3779B97F4A7C15)
    # mixed first: small numbers would make similar sums
    mixed = (kinds.astype(np.uint64) + np.uint64(1)) * np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(29)
    with np.errstate(over="ignore"):
        powers = np.cumprod(np.concatenate([[np.uint64(1)], np.full(len(kinds), factor)]))
        inverse = pow(int(factor), -1, 2**64)
        shrinking = np.cumprod(np.concatenate([[np.uint64(1)], np.full(len(kinds), np.uint64(inverse))]))
        prefixes = np.concatenate([[np.uint64(0)], np.cumsum(mixed * powers[:-1])])
        hashes: Hashes = (prefixes[WINDOW:] - prefixes[:-WINDOW]) * shrinking[: len(prefixes) - WINDOW]
    return hashes


def _blocks(kinds: Numbers, file: Numbers) -> Iterator[tuple[int, int, int]]:
    """First token of both copies and number of tokens, of pairs of neighbouring copies that could not be longer."""
    hashes = _windows(kinds)
    inside = file[: len(hashes)] == file[WINDOW - 1 :]
    places = np.flatnonzero(inside)
    order = places[np.argsort(hashes[places], kind="stable")]
    same = hashes[order[1:]] == hashes[order[:-1]]
    counts = _run_lengths(same)
    kept = same & (counts < MOST_COPIES)
    ones, others = order[:-1][kept], order[1:][kept]
    apart = others - ones >= WINDOW
    ones, others = ones[apart], others[apart]
    if not len(ones):
        return
    # pairs of one distance, one after the other, are one block
    by_distance = np.lexsort((ones, others - ones))
    ones, others = ones[by_distance], others[by_distance]
    starts = np.flatnonzero(np.concatenate([[True], (np.diff(ones) != 1) | (np.diff(others) != 1)]))
    ends = np.concatenate([starts[1:], [len(ones)]])
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        one, other = int(ones[start]), int(others[start])
        length = end - start + WINDOW - 1
        # a block does not reach into its own copy
        yield one, other, min(length, other - one) if file[one] == file[other] else length


def _run_lengths(same: npt.NDArray[np.bool_]) -> Numbers:
    """For each place the length of the run of trues that it is in."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
    lengths = np.zeros(len(same), dtype=np.int64)
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        lengths[start:end] = end - start
    return lengths


def _is_copy(text: _Text, one: int, other: int, length: int) -> bool:
    lines = text.last_lines[one + length - 1] - text.lines[one] + 1
    if length < WINDOW or lines < LEAST_LINES:
        return False
    first, second = text.exact[one : one + length], text.exact[other : other + length]
    if np.array_equal(first, second):
        return True
    names = text.kinds[one : one + length] == NAME
    first, second = first[names], second[names]
    # in a table, of whatever, no name comes twice; in code most do
    repeated = _repeated(first) & _repeated(second)
    if repeated.sum() < max(length // 12, 1):
        return False
    return _consistency(first[repeated], second[repeated]) >= CONSISTENT


def _repeated(names: Numbers) -> npt.NDArray[np.bool_]:
    _, places, counts = np.unique(names, return_inverse=True, return_counts=True)
    return np.asarray(counts[places] > 1)


def _consistency(first: Numbers, second: Numbers) -> float:
    """Share of the names that became what most of their like became, in either direction."""
    pairs, counts = np.unique(np.stack([first, second]), axis=1, return_counts=True)
    there = sum(counts[pairs[0] == name].max() for name in np.unique(pairs[0]))
    back = sum(counts[pairs[1] == name].max() for name in np.unique(pairs[1]))
    return float(min(there, back)) / len(first)


def _copy(text: _Text, place: int, length: int) -> Copy:
    last = place + length - 1
    return Copy(int(text.file[place]), int(text.lines[place]), int(text.last_lines[last]), length)


def _largest(groups: list[Group]) -> list[Group]:
    """Those that are no part of a longer group of the same kind, or of an exact one, with as many copies."""
    kept: list[Group] = []
    covered: dict[int, list[tuple[Copy, Group]]] = {}
    for group in sorted(groups, key=lambda group: (not group.exact, -group.copies[0].tokens)):
        if all(any(_holds(other, copy, group) for other in covered.get(copy.file, ())) for copy in group.copies):
            continue
        kept.append(group)
        for copy in group.copies:
            covered.setdefault(copy.file, []).append((copy, group))
    return kept


def _holds(other: tuple[Copy, Group], copy: Copy, group: Group) -> bool:
    around, larger = other
    lines = around.start_line <= copy.start_line and copy.end_line <= around.end_line
    return lines and len(larger.copies) >= len(group.copies)
