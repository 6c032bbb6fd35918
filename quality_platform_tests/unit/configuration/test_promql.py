"""What an expression of Prometheus asks, and what is not asked here."""

from __future__ import annotations

import math

import pytest

from quality_platform.configuration.promql import LONGEST, Absence, Comparison, UnsupportedError, question


@pytest.mark.parametrize(
    ("text", "metric", "matchers", "side", "bound"),
    [
        ("a > 5", "a", "", "above", 5.0),
        ("a < 5", "a", "", "below", 5.0),
        ("5 < a", "a", "", "above", 5.0),
        ("5 > a", "a", "", "below", 5.0),
        ("(a) > (5)", "a", "", "above", 5.0),
        ("a > -5", "a", "", "above", -5.0),
        ("a > 1e3", "a", "", "above", 1000.0),
        ("a > 10 * 1024 / (4 - 2) + 1", "a", "", "above", 5121.0),
        ("a >= 5", "a", "", "above", math.nextafter(5.0, 0)),
        ("a <= 5", "a", "", "below", math.nextafter(5.0, 9)),
        ("5 <= a", "a", "", "above", math.nextafter(5.0, 0)),
        ("a >= 0", "a", "", "above", math.nextafter(0.0, -1)),
        ("up == 0", "up", "", "below", 1.0),
        ('a:b{x="1",y=~"b.*",z!="",w!~"q"} > 5', "a:b", 'x="1" y=~"b.*" z!="" w!~"q"', "above", 5.0),
        ('{__name__="a",x="1"} > 5', "a", 'x="1"', "above", 5.0),
        ('{"my.metric", x="1"} > 5', "my.metric", 'x="1"', "above", 5.0),
        ('a{x="\\"\\\\n"} > 5', "a", 'x="\\"\\\\n"', "above", 5.0),
        ("a > # why\n 5", "a", "", "above", 5.0),
    ],
)
def test_comparisons(text: str, metric: str, matchers: str, side: str, bound: float) -> None:
    found = question(text)

    assert isinstance(found, Comparison)
    assert (found.selector.metric, " ".join(map(str, found.selector.matchers))) == (metric, matchers)
    assert (found.side, found.bound) == (side, bound)


@pytest.mark.parametrize("text", ['absent(a{x="1"})', '(absent((a{x="1"})))', 'absent(a{x="1"}) == 1'])
def test_absence(text: str) -> None:
    found = question(text)

    assert isinstance(found, Absence)
    assert (found.selector.metric, [str(each) for each in found.selector.matchers]) == ("a", ['x="1"'])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a", "no threshold"),
        ("a > b", "two series"),
        ("a == 0", "=="),
        ("a != 0", "!="),
        ("up == 1", "=="),
        ("a == bool 0", "modifier"),
        ("a > bool 5", "modifier"),
        ("a > on(x) b", "modifier"),
        ("rate(a[5m]) > 1", "function rate"),
        ("1 < rate(a[5m])", "function rate"),
        ("sum by (x) (a) > 1", "sum"),
        ("sum(a) > 1", "sum"),
        ("a + 1 > 5", r"\+"),
        ("a / b > 5", "/"),
        ("-a > 5", "negates"),
        ("a > 5 and b < 3", "and"),
        ("a > 5 or b < 3", "or"),
        ("a unless b", "unless"),
        ("a > 5 > 4", ">"),
        ("a > 5 % 3", "calculates|two series"),
        ("a > 1 / 0", "calculates|two series"),
        ("a offset 5m > 1", "another time"),
        ("a @ 5 > 1", "another time"),
        ("absent(a offset 5m)", "another time"),
        ("absent(sum(a))", "sum"),
        ("absent(a) == 0", "function absent"),
        ("absent(a) > 0", "function absent"),
        ("absent_over_time(a[5m])", "function absent_over_time"),
        ("max_over_time(a[5m:1m]) > 1", "function"),
        ('a{x="1" or y="2"} > 1', "alternatives"),
        ('{__name__=~"a.*"} > 1', "one metric"),
        ('{x="1"} > 1', "one metric"),
        ("vector(1) > 2", "function vector"),
        ("time() > 5", "not PromQL"),
        ("a{", "not PromQL"),
        ("", "not PromQL"),
        ("1 > 2", "not PromQL"),
        ("(" * (LONGEST // 2 - 3) + "a" + ")" * (LONGEST // 2 - 3) + ">b", "two series"),
        ("(" * 100_000, "longer"),
    ],
)  # fmt: skip
def test_what_is_not_asked_here_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(UnsupportedError, match=reason):
        question(text)
