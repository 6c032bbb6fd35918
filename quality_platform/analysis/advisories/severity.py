"""How bad an advisory is: points by the vector that it carries, a band by those or by its publisher's word.

Bands are those of CVSS (https://www.first.org/cvss/v3.1/specification-document, section 5). A record with neither is
`unknown`: it is counted, and never taken for harmless.
"""

from __future__ import annotations

from typing import Any, NamedTuple

BANDS = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"), (0.0, "info"))
WORDS = {"CRITICAL": "critical", "HIGH": "high", "MODERATE": "medium", "MEDIUM": "medium", "LOW": "low"}
UNKNOWN = "unknown"
LONGEST = 300


class Rated(NamedTuple):
    """A band, and the points and vector behind it where there are such."""

    severity: str
    score: float | None = None
    vector: str | None = None


def rated(vectors: Any, word: Any) -> Rated:
    """The gravest of the record's vectors of the newest form; else the publisher's word."""
    found: list[tuple[float, str]] = []
    for kind in ("CVSS_V4", "CVSS_V3", "CVSS_V2"):
        for each in vectors if isinstance(vectors, list) else ():
            if isinstance(each, dict) and each.get("type") == kind:
                found += _points(str(each.get("score", "")))
        if found:
            score, vector = max(found)
            return Rated(band(score), score, vector)
    return Rated(WORDS.get(str(word).upper(), UNKNOWN))


def band(score: float) -> str:
    """The name of the band that so many points fall into."""
    return next(name for bound, name in BANDS if score >= bound)


def _points(vector: str) -> list[tuple[float, str]]:
    from cvss import CVSS2, CVSS3, CVSS4
    from cvss.exceptions import CVSSError

    kind = CVSS4 if vector.startswith("CVSS:4") else CVSS3 if vector.startswith("CVSS:3") else CVSS2
    if len(vector) > LONGEST:
        return []
    try:
        return [(float(kind(vector).base_score), vector)]
    except CVSSError:
        return []
