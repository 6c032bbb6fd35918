"""Texts that users write with values in them; and bombs, which end."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.notifications.annotations import LONGEST, expanded, problem

VALUES = {
    "value": 45.256,
    "threshold": 50.0,
    "labels": {"instance": "web-1", "team": "core", "items": "3", "empty": ""},
    "project_id": "shop",
}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no template", "no template"),
        ("{{ value }}", "45.256"),
        ("{{ value | round(1) }}% of {{ project_id }}", "45.3% of shop"),
        ("{{ labels.instance }} {{ labels['team'] }} {{ labels.items }}", "web-1 core 3"),
        ("{{ labels.none }}{{ nothing.at.all }}{{ labels.instance.deeper }}", ""),
        ("{{ labels.none | default('-') }} {{ labels.empty | default('none') }}", "- none"),
        ("{% if value < threshold %}below{% else %}above{% endif %}", "below"),
        ("{{ 'low' if value < threshold and not labels.none else 'fine' }}", "low"),
        ("{{ value * 2 - 0.512 }} {{ -value + threshold / 2 }}", "90.0 -20.256"),
        ("{{ project_id ~ '/' ~ labels.team | upper }}", "shop/CORE"),
        # Prometheus' ways
        ("{{ $labels.instance }} has {{ $value }}", "web-1 has 45.256"),
        ('{{ printf "%.1f" $value }} {{ humanize $value }} {{ $value | humanizePercentage }}', "45.3 45.26 4,526%"),
        ("{{ humanizeDuration $value }} {{ toUpper $labels.team }}", "45 s CORE"),
        # what cannot be used stays, so that it can be seen and mended
        ("{{ value", "{{ value"),
        ("{{ value | nothing }}", "{{ value | nothing }}"),
        ("{{ labels.instance | round }}", "{{ labels.instance | round }}"),
        ("{{ value / 0 }}", "{{ value / 0 }}"),
    ],
)
def test_values_are_put_in(text: str, said: str) -> None:
    assert expanded(text, VALUES) == said


BOMBS = [
    "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
    "{{ 'a' * 10000000000 }}",
    "{{ 9 ** 9 ** 9 ** 9 }}",
    "{{ [1] * 100000000 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ '%1000000000d' | format(1) }}",
    "{{ 'a' | center(1000000000) }}",
    "{{ value | round(1000000000) }}",
    "{{ value | round(1000000000, 'ceil') }}",
    "{% set a = 'aaaaaaaa' %}" + "{% set a = a ~ a %}" * 60 + "{{ a }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{{ " + "(" * 900 + "1" + ")" * 900 + " }}",
    "{{ " + "not " * 450 + "1 }}",
    "{{ a" + ".b" * 900 + " }}",
    "{{ " + "-" * 1900 + "1 }}",
    "{{ lipsum(1000000) }}{{ cycler }}{{ range }}",
    "{% include 'mail.html.j2' %}{% import 'os' as os %}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ labels.__class__.__init__.__globals__ }}",
    "{{ labels.items() }}",
    "{{ self.__init__ }}{{ namespace() }}",
    "{{ value }}" * 100000,
]


@pytest.mark.parametrize("text", BOMBS, ids=range(len(BOMBS)))
def test_a_bomb_ends_at_once_and_says_nothing(text: str) -> None:
    begun = time.process_time()
    shown = expanded(text, VALUES)
    assert len(shown) <= LONGEST
    assert time.process_time() - begun < 5
    assert "<class" not in shown
    assert "built-in" not in shown


def test_long_values_are_cut_and_what_comes_of_them_too() -> None:
    assert len(expanded("{{ labels.x }}", {"labels": {"x": "y" * 10**6}})) == 500
    assert len(expanded("{{ labels.x }}" * 100, {"labels": {"x": "y" * 10**6}})) == LONGEST


def test_a_problem_is_named_before_the_rule_is_used() -> None:
    assert problem("{{ value | round(1) }}") is None
    assert problem("plain") is None
    assert problem("{% for a in b %}{% endfor %}") == "for is not allowed here"
    assert problem("{{ a() }}") == "call is not allowed here"
    assert problem("x" * 3000) == "it is longer than 2000 characters"
    assert problem("{{ value")


@given(st.text(alphabet=st.sampled_from("{}%$ |.()'\"*+-~value19labels<>#\n"), max_size=80))
def test_nothing_that_is_written_fails(text: str) -> None:
    assert isinstance(expanded(text, VALUES), str)
    problem(text)


def test_a_value_that_is_none_is_no_error() -> None:
    assert expanded("{{ value }} {{ value | humanize }}", {"value": math.nan}) == "nan –"
