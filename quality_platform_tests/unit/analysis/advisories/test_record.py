"""Records as publishers write them, and as nobody should."""

from __future__ import annotations

from typing import Any

import pytest

from quality_platform.analysis.advisories.aliases import canonical
from quality_platform.analysis.advisories.record import RefusedAdvisoryError, read
from quality_platform.analysis.advisories.severity import Rated, rated

WHOLE: dict[str, Any] = {
    "id": "GHSA-1", "modified": "2026-01-02T00:00:00Z", "published": "2026-01-01T00:00:00Z",
    "aliases": ["CVE-2026-1", "CVE-2026-1"], "summary": "It falls over.",
    "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
    "database_specific": {"severity": "LOW", "cwe_ids": ["CWE-79"]},
    "affected": [
        {"package": {"ecosystem": "PyPI", "name": "Flask_Login"}, "versions": ["1.0"],
         "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]},
                    {"type": "GIT", "events": [{"introduced": "0"}, {"fixed": "abc"}]}]},
        {"package": {"ecosystem": "PyPI", "name": "flask-login"}, "versions": ["2.0"]},
        {"package": {"ecosystem": "Debian:12", "name": "flask-login"}, "versions": ["1.0"]},
        {"package": {"ecosystem": "crates" + ".io", "name": "login"}},
    ],
}  # fmt: skip


def test_a_record_is_a_row_per_package() -> None:
    python, crate = read(WHOLE)
    assert (python.ecosystem, python.package, python.versions) == ("PyPI", "flask-login", ["1.0", "2.0"])
    assert python.ranges == '[[{"introduced":"0"},{"fixed":"1.1"}]]'
    assert (python.fixed, python.aliases, python.weaknesses) == (["1.1"], ["CVE-2026-1"], ["CWE-79"])
    assert (python.severity, python.score) == ("critical", 9.8)
    assert python.published == 1767225600 * 1_000_000
    assert (crate.ecosystem, crate.package) == ("crates", "login")
    assert python.revision != read({**WHOLE, "modified": "2026-01-03T00:00:00Z"})[0].revision


@pytest.mark.parametrize(
    ("field", "value"), [("id", ""), ("id", 5), ("modified", "yesterday"), ("modified", None), ("affected", {}),
                         ("aliases", "CVE-1"), ("published", "2026-13-01")],
)  # fmt: skip
def test_what_cannot_be_used_names_its_field(field: str, value: object) -> None:
    with pytest.raises(RefusedAdvisoryError, match=field):
        read({**WHOLE, field: value})


@pytest.mark.parametrize("affected", [[], [5], [{}], [{"package": "flask"}], [{"package": {"ecosystem": "PyPI"}}]])
def test_what_speaks_of_no_package_gives_no_row(affected: list[object]) -> None:
    assert read({**WHOLE, "affected": affected}) == []


@pytest.mark.parametrize(
    ("vectors", "word", "expected"),
    [
        (None, None, Rated("unknown")),
        ([], "MODERATE", Rated("medium")),
        ([{"type": "CVSS_V3", "score": "nonsense"}], "HIGH", Rated("high")),
        ([{"type": "CVSS_V2", "score": "AV:N/AC:L/Au:N/C:N/I:N/A:P"}], None, Rated("medium", 5.0, "AV:N/AC:L/Au:N/C:N/I:N/A:P")),
        ([{"type": "CVSS_V3", "score": "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N"}], None,
         Rated("info", 0.0, "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N")),
    ],
)  # fmt: skip
def test_how_bad_it_is(vectors: object, word: object, expected: Rated) -> None:
    assert rated(vectors, word) == expected


def test_records_that_name_each_other_speak_of_one_fault() -> None:
    names = canonical([("PYSEC-1", ["CVE-2"]), ("GHSA-3", ["CVE-2", "PYSEC-9"]), ("PYSEC-4", []), ("X-5", ["PYSEC-9"])])
    assert {names[each] for each in ("PYSEC-1", "GHSA-3", "X-5", "PYSEC-9", "CVE-2")} == {"CVE-2"}
    assert names["PYSEC-4"] == "PYSEC-4"
