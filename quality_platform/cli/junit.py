"""Outcomes of rule tests as JUnit XML, which CI servers show.

Does not belong here: running the tests (`alerting/rehearsal.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

if TYPE_CHECKING:
    from quality_platform.alerting.rehearsal import Outcome


def document(files: Mapping[str, Sequence[Outcome]]) -> str:
    """One suite per file, one case per test; a difference is a failure, what could not be run an error."""
    root = Element("testsuites", name="quality-platform rules test")
    for name, outcomes in files.items():
        _suite(root, name, outcomes)
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(root: Element, name: str, outcomes: Sequence[Outcome]) -> None:
    suite = SubElement(
        root, "testsuite", name=_clean(name), tests=str(len(outcomes)),
        failures=str(sum(bool(each.differences) for each in outcomes)),
        errors=str(sum(each.error is not None for each in outcomes)),
        time=f"{sum(each.seconds for each in outcomes):.3f}",
    )  # fmt: skip
    for each in outcomes:
        case = SubElement(suite, "testcase", classname=_clean(name), name=_clean(each.name), time=f"{each.seconds:.3f}")
        if each.error is not None:
            SubElement(case, "error", message=_clean(each.error))
        elif each.differences:
            lines = [f"at {one.at}: {'-' if one.kind == 'missing' else '+'} {one.alert}" for one in each.differences]
            SubElement(case, "failure", message=_clean(lines[0])).text = _clean("\n".join(lines))


def _clean(text: str) -> str:
    """XML 1.0 has no place for control characters."""
    return "".join(sign if sign >= " " or sign in "\n\t" else "\ufffd" for sign in text)
