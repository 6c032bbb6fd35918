"""Which tags are releases, and in which each commit came first."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.analysis.releases import first_release, release


@pytest.mark.parametrize(
    ("name", "kind", "series"),
    [
        ("1.0", "major", "1.0"),
        ("v2", "major", "2.0"),
        ("v1.2.0", "minor", "1.2"),
        ("1.2.3", "patch", "1.2"),
        ("1.0.0.1", "patch", "1.0"),
        ("release-1.2.3", "patch", "release-1.2"),
        ("@scope/pkg@1.2.0", None, None),
        ("pkg@1.2.0", "minor", "pkg@1.2"),
        ("server/v0.4.1", "patch", "server/0.4"),
        ("2.0rc1", "prerelease", "2.0"),
        ("2.0.0-beta.2", "prerelease", "2.0"),
        ("v3.0.0.dev4", "prerelease", "3.0"),
        ("1.2.post1", "minor", "1.2"),
        ("1.0.0+build5", "major", "1.0"),
        ("20240101", None, None),
        ("nightly", None, None),
        ("v", None, None),
        ("", None, None),
        ("before-1.0-cleanup of things", None, None),
    ],
)
def test_tags_that_are_named_like_versions(name: str, kind: str | None, series: str | None) -> None:
    found = release(name)
    assert (found and found.kind, found and found.series) == (kind, series)


@given(st.text(max_size=250))
def test_any_tag_gets_an_answer(name: str) -> None:
    found = release(name)
    assert found is None or found.name == name


@given(
    st.lists(st.lists(st.integers(0, 30), max_size=3), min_size=1, max_size=30), st.sets(st.integers(0, 29), max_size=6)
)
def test_the_first_release_that_holds_a_commit_is_what_sets_of_ancestors_say(
    drawn: list[list[int]], tagged: set[int]
) -> None:
    parents = {str(n): [str(p) for p in above if p < n] for n, above in enumerate(drawn)}
    releases = [(f"r{n}", str(n)) for n in sorted(tagged) if str(n) in parents]

    def ancestors(commit: str) -> set[str]:
        return {commit}.union(*(ancestors(parent) for parent in parents[commit]))

    expected = {}
    for name, commit in reversed(releases):
        expected |= dict.fromkeys(ancestors(commit), name)
    assert first_release(parents, releases) == expected


def test_a_long_history_is_no_matter_of_recursion() -> None:
    names = [str(n) for n in range(20_000)]
    parents = {"0": [], **{after: [before] for before, after in pairwise(names)}}
    assert len(first_release(parents, [("r", names[-1])])) == 20_000
