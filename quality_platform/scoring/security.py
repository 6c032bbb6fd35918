"""Security score of commits, 0 to 100, from the severity, confidence, place, age and number of findings.

A finding's risk is severity times confidence times exposure times age; a commit's score is
100 exp(-sum of risks / (15 max(1, ln(1 + KLOC)))). The same rule hit again counts a half, a third, ... of the
first hit: a habit repeated in a hundred places is one decision to revise, and plain sums would say of a
project only how many tests it has (the 1,058 asserts in flask's tests alone would put it at 0.5).
Does not belong here: what counts as a finding (collectors), or when a score is bad (`rules/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray

from quality_platform.scoring.exposure import exposure
from quality_platform.scoring.repetition import discounted

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

SEVERITY: Mapping[str, float] = {"critical": 9.0, "high": 7.0, "medium": 4.0, "low": 1.0, "info": 0.0}
CONFIDENCE: Mapping[str, float] = {"high": 1.0, "medium": 0.7, "low": 0.4}
EXPOSURE: Mapping[str, float] = {"runtime": 1.0, "dev": 0.4, "test": 0.2}
# An unrated finding is taken for a medium one and a bit, so that not rating does not pay.
UNKNOWN_SEVERITY, UNKNOWN_CONFIDENCE = 5.0, 0.7
# A finding open for a year counts twice; older ones no more than that.
FULL_AGE_DAYS = 365.0
TOLERANCE = 15.0
GRADES = ((85.0, "A"), (70.0, "B"), (55.0, "C"), (40.0, "D"), (0.0, "E"))


@dataclass(frozen=True, slots=True)
class SecurityScores:
    """Per commit: `score`, `risk` (sum of what counts of its findings), `grade`, `findings` that count.

    Per finding, in the order given: `exposure` and `points`, what it takes off its commit's score. A commit's
    points add up to 100 - score.
    """

    score: Floats
    risk: Floats
    grade: NDArray[np.str_]
    findings: Indices
    exposure: pa.Array
    points: Floats


def score_commits(findings: pa.Table, commit: ArrayLike, kloc: ArrayLike) -> SecurityScores:
    """Scores of all commits at once.

    `findings` has one row per finding and commit: rule, path, severity, confidence and, where known,
    days_open (since it was first seen). Or one per kind of finding, with exposure in place of path and `n`, how many
    there are; its points are those of all of them. `commit` says for each row which entry of `kloc` (thousands of
    source lines, one per commit) it belongs to; a commit without rows scores 100.
    """
    owner = np.asarray(commit, dtype=np.int64)
    sizes = np.nan_to_num(np.asarray(kloc, dtype=np.float64), nan=0.0)
    names = findings.column_names
    where = findings["exposure"].combine_chunks() if "exposure" in names else exposure(findings["path"])
    times = findings["n"].to_numpy() if "n" in names else np.ones(len(owner), dtype=np.int64)
    counted = discounted(_risks(findings, where), _codes(findings["rule"]), owner, times=times)
    risk = np.bincount(owner, weights=counted, minlength=len(sizes)).astype(np.float64)
    score = 100.0 * np.exp(-risk / (TOLERANCE * np.maximum(1.0, np.log1p(np.maximum(sizes, 0.0)))))
    lost = np.divide(100.0 - score, risk, out=np.zeros_like(risk), where=risk > 0)
    return SecurityScores(
        score=score,
        risk=risk,
        grade=grades(score),
        findings=np.bincount(owner, weights=times * (counted > 0), minlength=len(sizes)).astype(np.int64),
        exposure=where,
        points=counted * lost[owner],
    )


def grades(score: Floats) -> NDArray[np.str_]:
    """A from 85, B from 70, C from 55, D from 40, else E."""
    return np.select([score >= bound for bound, _ in GRADES], [grade for _, grade in GRADES], default="E")


def _risks(findings: pa.Table, where: pa.Array) -> Floats:
    """Risk of each finding by itself."""
    return (
        _weights(findings["severity"], SEVERITY, UNKNOWN_SEVERITY)
        * _weights(findings["confidence"], CONFIDENCE, UNKNOWN_CONFIDENCE)
        * _weights(where, EXPOSURE, 1.0)
        * _age_factor(findings)
    )


def _weights(column: Any, table: Mapping[str, float], otherwise: float) -> Floats:
    """Each name's weight; `otherwise` for a null or a name that is not in the table."""
    place = pc.fill_null(pc.index_in(column.cast(pa.string()), pa.array(list(table))), len(table))
    weights: Floats = np.array([*table.values(), otherwise])[np.asarray(place)]
    return weights


def _age_factor(findings: pa.Table) -> Floats:
    if "days_open" not in findings.column_names:
        return np.ones(len(findings))
    days = np.asarray(pc.fill_null(findings["days_open"].cast(pa.float64()), 0.0))
    factor: Floats = 1.0 + np.clip(np.nan_to_num(days), 0.0, FULL_AGE_DAYS) / FULL_AGE_DAYS
    return factor


def _codes(column: Any) -> Indices:
    """A number for each distinct text."""
    encoded = pc.dictionary_encode(column.cast(pa.string()).combine_chunks(), null_encoding="encode")
    return np.asarray(encoded.indices).astype(np.int64)
