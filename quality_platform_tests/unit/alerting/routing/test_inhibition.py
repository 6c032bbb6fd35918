"""Who inhibits whom: missing labels, alerts on both sides, themselves."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from quality_platform.alerting.routing.inhibition import MOST, Sources, inhibited_by, targets
from quality_platform.model.routing import Inhibition


def rule(source: str, target: str, *equal: str) -> Inhibition:
    return Inhibition(source_matchers=(source,), target_matchers=(target,), equal=equal)


SEVERITY = rule("severity=critical", "severity=warning", "host")
CRITICAL = {"severity": "critical", "host": "a"}


@pytest.mark.parametrize(
    ("target", "source", "expected"),
    [
        ({"severity": "warning", "host": "a"}, CRITICAL, True),
        ({"severity": "warning", "host": "b"}, CRITICAL, False),
        ({"severity": "warning"}, CRITICAL, False),
        # both missing is equal, and so is empty
        ({"severity": "warning"}, {"severity": "critical"}, True),
        ({"severity": "warning", "host": ""}, {"severity": "critical"}, True),
        ({"severity": "info", "host": "a"}, CRITICAL, False),
        ({"severity": "warning", "host": "a"}, {"severity": "info", "host": "a"}, False),
    ],
)
def test_labels_decide(target: dict[str, str], source: dict[str, str], expected: bool) -> None:
    assert inhibited_by([SEVERITY], target, [("s", source)]) == (("s",) if expected else ())


def test_without_equal_any_source_inhibits() -> None:
    assert inhibited_by([rule("down=yes", "kind=check")], {"kind": "check"}, [("s", {"down": "yes"})]) == ("s",)


BOTH = rule("job=~.+", "job=~.+", "host")


def test_an_alert_does_not_inhibit_itself() -> None:
    labels = {"job": "x", "host": "a"}

    assert inhibited_by([BOTH], labels, [("itself", labels)]) == ()


def test_one_on_both_sides_is_not_inhibited_by_another_on_both_sides() -> None:
    assert inhibited_by([BOTH], {"job": "x", "host": "a"}, [("other", {"job": "y", "host": "a"})]) == ()


def test_one_on_both_sides_is_inhibited_by_one_that_is_a_source_alone() -> None:
    half = rule("job=~.+", "job=~x|y", "host")
    sources = [("both", {"job": "y", "host": "a"}), ("source", {"job": "z", "host": "a"})]

    assert inhibited_by([half], {"job": "x", "host": "a"}, sources) == ("source",)


def test_one_that_is_a_target_alone_is_inhibited_by_one_on_both_sides() -> None:
    half = rule("job=~x|y", "job=~.+", "host")

    assert inhibited_by([half], {"job": "z", "host": "a"}, [("both", {"job": "x", "host": "a"})]) == ("both",)


def test_each_source_is_named_once_and_not_all_of_many() -> None:
    sources = [(str(number), CRITICAL) for number in range(100)]
    found = inhibited_by(
        [SEVERITY, rule("severity=critical", "severity=warning")], {"severity": "warning", "host": "a"}, sources
    )

    assert found == tuple(map(str, range(MOST)))
    assert inhibited_by([SEVERITY, SEVERITY], {"severity": "warning", "host": "a"}, sources[:1]) == ("0",)


@pytest.mark.parametrize(
    ("rules", "labels", "expected"),
    [
        ([], {}, False),
        ([SEVERITY], {"severity": "warning"}, True),
        ([SEVERITY], CRITICAL, False),
        ([SEVERITY, BOTH], {"job": "x"}, True),
    ],
)
def test_targets(rules: list[Inhibition], labels: dict[str, str], expected: bool) -> None:
    assert targets(rules, labels) is expected


label_sets = st.dictionaries(st.sampled_from(("a", "b")), st.sampled_from(("", "x", "y")))
texts = st.sampled_from(("a=x", "a!=x", "a=~x|y", "b=", "b!=", "a=~.*"))
rules = st.lists(st.builds(rule, texts, texts, st.sampled_from(("a", "b"))), max_size=3)


@given(rules, label_sets, st.lists(label_sets, max_size=6))
def test_an_index_for_many_says_the_same_as_alertmanagers_own_words(
    found: list[Inhibition], labels: Any, others: list[Any]
) -> None:
    from quality_platform.alerting.routing.matchers import all_match, parsed_all

    def inhibits(each: Inhibition, source: dict[str, str]) -> bool:
        is_source, is_target = parsed_all(each.source_matchers), parsed_all(each.target_matchers)
        both = all_match(is_source, labels) and all_match(is_target, source)
        same = all(source.get(name, "") == labels.get(name, "") for name in each.equal)
        return all_match(is_target, labels) and all_match(is_source, source) and same and not both

    sources = [(str(number), other) for number, other in enumerate(others)]
    expected = {key for key, source in sources if any(inhibits(each, source) for each in found)}

    assert set(Sources.of(found, sources).inhibiting(labels)) == expected


@pytest.mark.parametrize(
    "change", [{"source_matchers": []}, {"target_matchers": []}, {"equal": ["a b"]}, {"target_matchers": ["a=~("]}]
)
def test_what_is_no_inhibition(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Inhibition.model_validate({"source_matchers": ["a=b"], "target_matchers": ["a=c"], **change})
