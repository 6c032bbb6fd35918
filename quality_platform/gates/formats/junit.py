"""A verdict as JUnit XML, which CI servers show: one case for each condition."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from quality_platform.gates.formats.markdown import TITLES
from quality_platform.gates.judging import Verdict


def document(verdict: Verdict) -> str:
    """A suite; a condition that closes the gate is a failure, one that warns is a case with output."""
    failures = sum(outcome.fails for outcome in verdict.outcomes)
    root = Element("testsuites", name="quality gate")
    suite = SubElement(
        root, "testsuite", name="quality gate", tests=str(len(verdict.outcomes)), failures=str(failures), errors="0"
    )
    for outcome in verdict.outcomes:
        case = SubElement(suite, "testcase", classname="quality gate", name=TITLES[outcome.condition.measure])
        if outcome.holds:
            continue
        said = f"{outcome.shown}; at most {outcome.condition.maximum:,.4g}"
        places = "\n".join(_clean(f"{place.path}:{place.line} {place.rule}: {place.title}") for place in outcome.places)
        if outcome.fails:
            SubElement(case, "failure", message=said).text = places
        else:
            SubElement(case, "system-out").text = f"{said}\n{places}"
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _clean(text: str) -> str:
    """XML 1.0 has no place for control characters."""
    return "".join(sign if sign >= " " or sign in "\n\t" else "\ufffd" for sign in text)
