"""Inhibition: alerts that are not told of while another one fires. Alertmanager's semantics.

The labels of `equal` must be the same in both, and are when both lack them. An alert that is a source and a target of
one rule is not inhibited by another that is both, and so never by itself. Belongs here: who inhibits whom. Does not
belong here: which alerts fire (`notices/suppression.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from quality_platform.alerting.routing.matchers import Matcher, all_match, parsed_all
from quality_platform.model.routing import Inhibition

MOST = 20
"""Sources that are named; more say nothing more."""

Labels = Mapping[str, str]
Source = tuple[str, Labels]


@dataclass(frozen=True, slots=True)
class _Rule:
    sources: tuple[Matcher, ...]
    targets: tuple[Matcher, ...]
    equal: tuple[str, ...]

    def values(self, labels: Labels) -> tuple[str, ...]:
        return tuple(labels.get(name, "") for name in self.equal)


@dataclass(frozen=True, slots=True)
class Sources:
    """Alerts that fire, found by what they have in common with a target: for asking about many alerts."""

    rules: tuple[_Rule, ...]
    # of each rule: id of a source and whether it is a target as well, by the values of `equal`
    found: tuple[dict[tuple[str, ...], list[tuple[str, bool]]], ...] = field(repr=False)

    @classmethod
    def of(cls, rules: Sequence[Inhibition], sources: Iterable[Source]) -> Sources:
        """Sort `sources`, which are pairs of an id and labels, by the rules that they are sources of."""
        compiled = tuple(map(_compiled, rules))
        found: tuple[dict[tuple[str, ...], list[tuple[str, bool]]], ...] = tuple({} for _ in compiled)
        for key, labels in sources:
            for rule, by_values in zip(compiled, found, strict=True):
                if all_match(rule.sources, labels):
                    both = all_match(rule.targets, labels)
                    by_values.setdefault(rule.values(labels), []).append((key, both))
        return cls(compiled, found)

    def inhibiting(self, labels: Labels) -> tuple[str, ...]:
        """Ids of the sources that inhibit an alert with `labels`, each once, no more than MOST."""
        ids: dict[str, None] = {}
        for rule, by_values in zip(self.rules, self.found, strict=True):
            if not all_match(rule.targets, labels):
                continue
            is_source = all_match(rule.sources, labels)
            for key, both in by_values.get(rule.values(labels), ()):
                if not (is_source and both):
                    ids[key] = None
                if len(ids) == MOST:
                    return tuple(ids)
        return tuple(ids)


def inhibited_by(rules: Sequence[Inhibition], labels: Labels, sources: Iterable[Source]) -> tuple[str, ...]:
    """Ids of those of `sources` that inhibit an alert with `labels`. For many alerts make a `Sources` once."""
    return Sources.of(rules, sources).inhibiting(labels)


def targets(rules: Sequence[Inhibition], labels: Labels) -> bool:
    """Whether any rule could inhibit an alert with `labels`."""
    return any(all_match(_compiled(rule).targets, labels) for rule in rules)


@lru_cache(maxsize=1024)
def _compiled(rule: Inhibition) -> _Rule:
    return _Rule(parsed_all(rule.source_matchers), parsed_all(rule.target_matchers), rule.equal)
