"""Which of ruff's rules are asked, and what each of their findings weighs.

Ruff's `S` rules are bandit's under the same numbers and say nothing of how bad a thing is: severity, confidence and
CWE are those that bandit 1.9 gives. Does not belong here: running ruff (`by_ruff.py`).
"""

from __future__ import annotations

SELECTION = ("B", "BLE", "E4", "E7", "E9", "F", "PLE", "S", "W")
SELECTION_VERSION = "1"
"""To be raised with every change to what is asked or how it is weighed."""

SECURITY = "S"
FAULTS = ("B", "E9", "F5", "F6", "F7", "F82", "PLE")
"""Rules that point at a likely fault; what is neither these nor security is style."""

SYNTAX = "invalid-syntax"

HIGH = "high"
MEDIUM = "medium"
LOW = "low"

WEIGHTS: dict[str, tuple[str, str, int]] = {
    "S101": (LOW, HIGH, 703), "S102": (MEDIUM, HIGH, 78), "S103": (MEDIUM, HIGH, 732), "S104": (MEDIUM, MEDIUM, 605),
    "S105": (LOW, MEDIUM, 259), "S106": (LOW, MEDIUM, 259), "S107": (LOW, MEDIUM, 259), "S108": (MEDIUM, MEDIUM, 377),
    "S110": (LOW, HIGH, 703), "S112": (LOW, HIGH, 703), "S113": (MEDIUM, LOW, 400), "S201": (HIGH, MEDIUM, 94),
    "S202": (HIGH, HIGH, 22), "S301": (MEDIUM, HIGH, 502), "S302": (MEDIUM, HIGH, 502), "S303": (MEDIUM, HIGH, 327),
    "S304": (HIGH, HIGH, 327), "S305": (MEDIUM, HIGH, 327), "S306": (MEDIUM, HIGH, 377), "S307": (MEDIUM, HIGH, 78),
    "S308": (MEDIUM, HIGH, 79), "S310": (MEDIUM, HIGH, 22), "S311": (LOW, HIGH, 330), "S312": (HIGH, HIGH, 319),
    "S313": (MEDIUM, HIGH, 20), "S314": (MEDIUM, HIGH, 20), "S315": (MEDIUM, HIGH, 20), "S316": (MEDIUM, HIGH, 20),
    "S317": (MEDIUM, HIGH, 20), "S318": (MEDIUM, HIGH, 20), "S319": (MEDIUM, HIGH, 20), "S321": (HIGH, HIGH, 319),
    "S323": (MEDIUM, HIGH, 295), "S324": (HIGH, HIGH, 327), "S501": (HIGH, HIGH, 295), "S502": (HIGH, HIGH, 327),
    "S503": (MEDIUM, MEDIUM, 327), "S504": (LOW, MEDIUM, 327), "S505": (HIGH, HIGH, 326), "S506": (MEDIUM, HIGH, 20),
    "S507": (HIGH, MEDIUM, 295), "S508": (MEDIUM, HIGH, 319), "S509": (MEDIUM, HIGH, 319), "S601": (MEDIUM, MEDIUM, 78),
    "S602": (HIGH, HIGH, 78), "S603": (LOW, HIGH, 78), "S604": (MEDIUM, LOW, 78), "S605": (HIGH, HIGH, 78),
    "S606": (LOW, MEDIUM, 78), "S607": (LOW, HIGH, 78), "S608": (MEDIUM, LOW, 89), "S609": (HIGH, MEDIUM, 155),
    "S610": (MEDIUM, MEDIUM, 89), "S611": (MEDIUM, MEDIUM, 89), "S612": (MEDIUM, HIGH, 94), "S701": (HIGH, HIGH, 94),
    "S702": (MEDIUM, HIGH, 80), "S704": (MEDIUM, MEDIUM, 79),
}  # fmt: skip

QUOTING = frozenset(("S105", "S106", "S107", "S108"))
"""Rules whose message quotes a value out of the file, which may be a password."""


def category(rule: str) -> str:
    """Area of a rule: `security`, `error` or `style`."""
    if rule.startswith(SECURITY):
        return "security"
    return "error" if rule == SYNTAX or (rule.startswith(FAULTS) and not rule.startswith("BLE")) else "style"


def weight(rule: str) -> tuple[str, str, int | None]:
    """Severity, confidence and CWE of a rule's findings."""
    if rule in WEIGHTS:
        return WEIGHTS[rule]
    return (LOW if category(rule) in ("error", "security") else "info"), HIGH, None
