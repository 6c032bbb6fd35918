"""Matchers: Alertmanager's syntax, RE2, what is refused."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.alerting.routing.matchers import (
    Matcher,
    all_match,
    from_json,
    matches_nothing_given,
    parsed,
    parsed_all,
    to_json,
)
from quality_platform.errors import UsageError


@pytest.mark.parametrize(
    ("text", "name", "operator", "value"),
    [
        ('team="core"', "team", "=", "core"),
        ("team=core", "team", "=", "core"),
        ("  team  !=  core  ", "team", "!=", "core"),
        ('a:b=~"x|y"', "a:b", "=~", "x|y"),
        ("status!~5..", "status", "!~", "5.."),
        ("a=", "a", "=", ""),
        ('a=""', "a", "=", ""),
        ('a==b', "a", "=", "=b"),
        ("a=~", "a", "=~", ""),
        (r'a="She said: \"Hi, ladies!\""', "a", "=", 'She said: "Hi, ladies!"'),
        (r'a="\\n\n\d"', "a", "=", "\\n\n\\d"),
        (r"a=\d\\", "a", "=", "\\d\\"),
        ("a=b\\", "a", "=", "b\\"),
        ('a="x,y} "', "a", "=", "x,y} "),
        ("a=two words", "a", "=", "two words"),
        ("a=größe", "a", "=", "größe"),
        ('a="two\nlines"', "a", "=", "two\nlines"),
    ],
)  # fmt: skip
def test_reads_as_alertmanager_does(text: str, name: str, operator: str, value: str) -> None:
    found = parsed(text)

    assert (found.name, found.operator, found.value) == (name, operator, value)
    assert parsed(str(found)) == found
    assert from_json(to_json(found)) == found


@pytest.mark.parametrize(
    "text",
    ["", "team", "=x", '"team"=x', "1a=b", "a-b=c", 'a="b', 'a=b"', 'a="b"c"', 'a="b\\"', "a<b", "a=~(", "ä=b"],
)
def test_what_is_no_matcher_is_refused_and_named(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parsed(text)

    assert repr(text)[1:-1].replace("a=~", "") in str(caught.value) or text in str(caught.value)


@pytest.mark.parametrize(
    "pattern",
    ["(?=a)b", "(?!a)b", "(?<=a)b", "(?<!a)b", r"(a)\1", "(?P<x>a)(?P=x)", "a++", "(?>a)", "((a{100}){100}){100}",
     "a{1001}", r"\C", r"\Z", "(", "[", "*", r"\pL{1,900}", "x" * 1001, "\ud800"],
)  # fmt: skip
def test_what_re2_has_not_is_refused(pattern: str) -> None:
    with pytest.raises(UsageError):
        from_json({"name": "a", "value": pattern, "isRegex": True})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("{}", []),
        ('{a="b", c!="d", }', ["a", "c"]),
        ("a=b,c!=d", ["a", "c"]),
        ('{a="x,y",b="\\",z"}', ["a", "b"]),
        ("a=b", ["a"]),
    ],
)
def test_lists(text: str, expected: list[str]) -> None:
    assert [matcher.name for matcher in parsed_all([text])] == expected


@pytest.mark.parametrize("text", ["a=b,,c=d", ",a=b", "a=b,c"])
def test_lists_with_a_gap_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parsed_all([text])


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ("a=x", {"a": "x"}, True),
        ("a=x", {}, False),
        ("a=", {}, True),
        ("a!=", {}, False),
        ("a!=x", {}, True),
        ("a=~x", {"a": "xy"}, False),
        ("a=~x|y", {"a": "y"}, True),
        ("a=~x|y", {"a": "xy"}, False),
        ("a=~.*", {}, True),
        ("a=~.+", {}, False),
        ("a!~.+", {}, True),
        ('a=~""', {}, True),
        ("a!~", {}, False),
        ("a=~^x$", {"a": "x"}, True),
        ("a=~x", {"a": "x\n"}, False),
        ("a=~x.y", {"a": "x\ny"}, False),
        ("a=~(?s)x.y", {"a": "x\ny"}, True),
        ("a=~(?i)PROD", {"a": "prod"}, True),
        (r"a=~\d+", {"a": "12"}, True),
        (r"a=~\d+", {"a": "١٢"}, False),
        ("a=~.", {"a": "ü"}, True),
        ("a=~[[:alpha:]]+", {"a": "abc"}, True),
        (r"a=~\pL+", {"a": "größe"}, True),
        ("a=~.", {"a": "\ud800"}, True),
    ],
)
def test_matches(text: str, labels: dict[str, str], expected: bool) -> None:
    assert parsed(text).matches(labels) is expected


def test_what_makes_backtracking_engines_hang_takes_no_time() -> None:
    began = time.process_time()
    found = [parsed(f"a=~{pattern}").matches({"a": "a" * 20_000 + "!"}) for pattern in ("(a+)+", "(a|aa)+", "(.*)*b")]

    assert found == [False, False, False]
    # a backtracking engine would need longer than the sun will shine
    assert time.process_time() - began < 60


@pytest.mark.parametrize(
    "form",
    [{}, {"name": "a"}, {"value": "b"}, {"name": "", "value": "b"}, {"name": "a", "value": 1}, {"name": "a b", "value": ""},
     {"name": "a", "value": "b", "isRegex": "yes"}, {"name": "a", "value": "b", "isEqual": None}],
)  # fmt: skip
def test_forms_that_are_none(form: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        from_json(form)


def test_a_form_without_is_equal_is_one_that_is() -> None:
    assert from_json({"name": "a", "value": "b", "isRegex": False}) == Matcher("a", "b", "=")


@pytest.mark.parametrize(
    ("texts", "expected"),
    [((), True), (("a=~.*",), True), (("a=~.*", "b!=x"), True), (("a=~.*", "b=x"), False), (("a=~.+",), False)],
)
def test_what_everything_fulfils(texts: tuple[str, ...], expected: bool) -> None:
    assert matches_nothing_given(parsed_all(texts)) is expected


@given(st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=40), st.sampled_from(("=", "!=")))
def test_any_value_survives_being_written_and_read(value: str, operator: str) -> None:
    matcher = Matcher("a", value, operator)  # type: ignore[arg-type]

    assert parsed(str(matcher)) == matcher
    assert parsed_all([f"{{{matcher}}}"]) == (matcher,)
    assert all_match((matcher,), {"a": value}) is (operator == "=")
