from __future__ import annotations

import math
from collections import Counter, defaultdict

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.scoring.security import SecurityScores, grades, score_commits

SEVERITY = {"critical": 9, "high": 7, "medium": 4, "low": 1, "info": 0}
CONFIDENCE = {"high": 1, "medium": 0.7, "low": 0.4}
EXPOSURE = {"src/a.py": 1, "docs/a.py": 0.4, "tests/a.py": 0.2}

FINDING = st.tuples(
    st.integers(0, 2),
    st.sampled_from(["B101", "B602"]),
    st.sampled_from(sorted(EXPOSURE)),
    st.sampled_from([*SEVERITY, "odd", None]),
    st.sampled_from([*CONFIDENCE, "odd", None]),
    st.sampled_from([None, 0.0, 30.0, 365.0, 4000.0, -5.0]),
)
FINDINGS = st.lists(FINDING, max_size=12)
KLOC = [0.0, 1.0, 50.0]


def scored(findings: list[tuple], kloc: list[float] = KLOC) -> SecurityScores:
    schema = pa.schema([(name, pa.string()) for name in ("rule", "path", "severity", "confidence")])
    schema = schema.append(pa.field("days_open", pa.float64()))
    columns = [list(column) for column in zip(*findings, strict=True)] or [[]] * 6
    return score_commits(pa.table(columns[1:], schema=schema), columns[0], kloc)


def by_hand(findings: list[tuple], kloc: list[float]) -> list[float]:
    """The formula written out with loops."""
    risks = defaultdict(list)
    for commit, rule, path, severity, confidence, days in findings:
        age = 1 + min(max(days or 0, 0), 365) / 365
        risk = SEVERITY.get(severity, 5) * CONFIDENCE.get(confidence, 0.7) * EXPOSURE[path] * age
        risks[commit, rule].append(risk)
    totals = [0.0] * len(kloc)
    for (commit, _), values in risks.items():
        totals[commit] += sum(risk / rank for rank, risk in enumerate(sorted(values, reverse=True), start=1))
    sizes = [15 * max(1, math.log(1 + size)) for size in kloc]
    return [100 * math.exp(-total / size) for total, size in zip(totals, sizes, strict=True)]


@given(FINDINGS)
def test_is_the_formula(findings: list[tuple]) -> None:
    assert scored(findings).score == pytest.approx(by_hand(findings, KLOC))


@given(FINDINGS)
def test_points_add_up_to_what_is_missing(findings: list[tuple]) -> None:
    result = scored(findings)
    owners = np.array([finding[0] for finding in findings], dtype=int)
    assert np.all((result.score >= 0) & (result.score <= 100))
    assert np.all(result.points >= 0)
    for commit, score in enumerate(result.score):
        assert result.points[owners == commit].sum() == pytest.approx(100 - score, abs=1e-9)


@given(FINDINGS, FINDING)
def test_one_more_finding_never_raises_a_score(findings: list[tuple], another: tuple) -> None:
    before, after = scored(findings), scored([*findings, another])
    assert np.all(after.score <= before.score + 1e-9)


@given(FINDINGS, st.randoms())
def test_the_order_of_rows_decides_nothing(findings: list[tuple], chance) -> None:
    order = list(range(len(findings)))
    chance.shuffle(order)
    plain, shuffled = scored(findings), scored([findings[place] for place in order])
    assert shuffled.score == pytest.approx(plain.score)
    assert shuffled.points == pytest.approx(plain.points[order])


@given(FINDINGS)
def test_kinds_with_how_many_there_are_score_as_each_by_itself(findings: list[tuple]) -> None:
    alone = [(*finding[:5], None) for finding in findings]
    kinds = Counter(
        (owner, rule, where(path), severity, confidence) for owner, rule, path, severity, confidence, _ in alone
    )
    columns = list(zip(*kinds, strict=True)) or [()] * 5
    names = ("rule", "exposure", "severity", "confidence")
    table = pa.table({name: pa.array(column, pa.string()) for name, column in zip(names, columns[1:], strict=True)})
    together = score_commits(table.append_column("n", pa.array(list(kinds.values()), pa.int64())), columns[0], KLOC)
    each = scored(alone)
    assert together.score == pytest.approx(each.score)
    assert together.findings.tolist() == each.findings.tolist()
    assert together.points.sum() == pytest.approx(each.points.sum())


def where(path: str) -> str:
    return {"src": "runtime", "docs": "dev", "tests": "test"}[path.partition("/")[0]]


@given(FINDINGS)
def test_commits_do_not_touch_each_other(findings: list[tuple]) -> None:
    together = scored(findings)
    for commit in range(3):
        alone = scored([(0, *finding[1:]) for finding in findings if finding[0] == commit], [KLOC[commit]])
        assert alone.score[0] == pytest.approx(together.score[commit])
        assert alone.findings[0] == together.findings[commit]


def test_nothing_found_is_a_hundred() -> None:
    result = scored([])
    assert result.score.tolist() == [100, 100, 100]
    assert result.grade.tolist() == ["A", "A", "A"]
    assert (result.findings.tolist(), result.points.tolist(), len(result.exposure)) == ([0, 0, 0], [], 0)
    assert len(scored([], []).score) == 0


def test_findings_without_weight_are_not_counted() -> None:
    finding = (1, "B101", "src/a.py", "info", "high", None)
    result = scored([finding])
    assert (result.score[1], result.points.tolist(), result.findings.tolist()) == (100, [0], [0, 0, 0])


def test_unknown_sizes_count_as_none() -> None:
    finding = (0, "B602", "src/a.py", "high", "high", None)
    expected = 100 * math.exp(-7 / 15)
    for kloc in (math.nan, 0.0, -1.0):
        assert scored([finding], [kloc]).score[0] == pytest.approx(expected)


def test_a_habit_in_tests_does_not_ruin_a_project() -> None:
    """Plain sums gave a project with 1,058 asserts in its tests a score of 0.5."""
    asserts = [(0, "B101", "tests/a.py", "low", "high", None)] * 1058
    assert scored(asserts, [13.3]).score[0] == pytest.approx(96.3, abs=0.1)


def test_works_without_ages() -> None:
    table = pa.table({"rule": ["B602"], "path": ["a.py"], "severity": ["high"], "confidence": ["high"]})
    result = score_commits(table, [0], [0.0])
    assert result.score[0] == pytest.approx(100 * math.exp(-7 / 15))
    assert result.exposure.to_pylist() == ["runtime"]


@pytest.mark.parametrize(
    ("score", "grade"), [(100, "A"), (85, "A"), (84.9, "B"), (70, "B"), (55, "C"), (40, "D"), (39.9, "E"), (0, "E")]
)
def test_grades(score: float, grade: str) -> None:
    assert grades(np.array([score])).tolist() == [grade]
