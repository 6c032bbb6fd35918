"""Matchers, for routes, silences and inhibitions: reading them, and Alertmanager's JSON form of them.

The syntax itself stands in `model/matchers.py`, because the configuration is checked with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from quality_platform.errors import UsageError
from quality_platform.model.matchers import Matcher, Operator, checked, compiling, parsed, parsed_all

__all__ = [
    "Matcher", "Operator", "all_match", "compiling", "from_json", "matches_nothing_given", "parsed", "parsed_all",
    "to_json",
]  # fmt: skip

_OPERATORS: Mapping[tuple[bool, bool], Operator] = {
    (False, True): "=",
    (False, False): "!=",
    (True, True): "=~",
    (True, False): "!~",
}


def all_match(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether `labels` fulfil every matcher; true where there is none."""
    return all(matcher.matches(labels) for matcher in matchers)


def matches_nothing_given(matchers: Iterable[Matcher]) -> bool:
    """Whether they are fulfilled without any label, and so by everything: no good for a silence."""
    return all_match(matchers, {})


def to_json(matcher: Matcher) -> dict[str, Any]:
    """Alertmanager's form: name, value, isRegex, isEqual."""
    return {
        "name": matcher.name,
        "value": matcher.value,
        "isRegex": matcher.operator in ("=~", "!~"),
        "isEqual": matcher.operator in ("=", "=~"),
    }


def from_json(form: Mapping[str, Any]) -> Matcher:
    """The matcher of Alertmanager's form; isEqual may be absent. Raises UsageError naming what is wrong."""
    name, value = form.get("name"), form.get("value")
    if not isinstance(name, str) or not name or not isinstance(value, str):
        raise UsageError("A matcher needs a name and a value, both text.", hint=f"This one has {sorted(form)}.")
    kind = form.get("isRegex", False), form.get("isEqual", True)
    if not all(isinstance(flag, bool) for flag in kind):
        raise UsageError(f"isRegex and isEqual of the matcher of {name!r} are true or false.")
    return checked(Matcher(name, value, _OPERATORS[kind]))
