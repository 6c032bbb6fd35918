"""What a licence is worth under a policy: names, patterns, expressions, exceptions, and what is no licence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.analysis.licences import Verdict, verdict
from quality_platform.model.licences import LicencePolicy

DENIED = LicencePolicy().denied


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MIT", "allowed"),
        ("mit", "allowed"),
        ("GPL-3.0-only", "denied"),
        ("GPL-2.0", "denied"),  # the older name of GPL-2.0-only
        ("LGPL-3.0-only", "allowed"),
        ("AGPL-3.0-or-later", "denied"),
        ("MIT OR GPL-3.0-only", "allowed"),
        ("MIT AND GPL-3.0-only", "denied"),
        ("(MIT OR GPL-2.0-only) AND Apache-2.0", "allowed"),
        ("MIT AND Nobody-knows", "unknown"),
        ("MIT OR Nobody-knows", "allowed"),
        ("GPL-3.0-only AND Nobody-knows", "denied"),
        ("GPL-3.0-only OR Nobody-knows", "unknown"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "allowed"),
        ("SEE LICENSE IN LICENSE.md", "unknown"),
        ("UNLICENSED", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
        ("(" * 400, "unknown"),
        ("MIT*", "unknown"),
        ("x" * 1000, "unknown"),
    ],
)
def test_by_default(text: str | None, expected: Verdict) -> None:
    assert verdict(text, (), DENIED) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("MIT", "allowed"), ("BSD-3-Clause", "allowed"), ("Apache-2.0", "denied"), ("Acme-1.0", "allowed"),
     ("Nobody-knows", "unknown")],
)  # fmt: skip
def test_where_only_some_are_allowed(text: str, expected: Verdict) -> None:
    assert verdict(text, ("MIT", "BSD-*", "Acme-*"), ()) == expected


@given(st.text(alphabet="MITGPL-203.only() ORANDWTH", max_size=60))
def test_anything_gets_an_answer(text: str) -> None:
    assert verdict(text, (), DENIED) in ("allowed", "denied", "unknown")


@given(
    st.sampled_from(["MIT", "GPL-3.0-only", "Nobody-knows"]), st.sampled_from(["MIT", "GPL-3.0-only", "Nobody-knows"])
)
def test_order_decides_nothing(one: str, other: str) -> None:
    for operator in ("AND", "OR"):
        assert verdict(f"{one} {operator} {other}", (), DENIED) == verdict(f"{other} {operator} {one}", (), DENIED)
