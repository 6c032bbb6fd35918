"""The rules: what input may do where, how bad it is, and under which number it is known.

Does not belong here: which call is which (`knowledge.py`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of weakness. `words` say what happens, after «… reaches …»."""

    name: str
    cwe: int
    severity: str
    words: str


COMMAND = Rule("command-injection", 78, "high", "is run as a command")
CODE = Rule("code-injection", 94, "high", "is run as Python")
SQL = Rule("sql-injection", 89, "high", "is run as SQL")
PATH = Rule("path-traversal", 22, "high", "names a file")
SCRIPT = Rule("cross-site-scripting", 79, "high", "is sent to a browser as HTML")
REDIRECT = Rule("open-redirect", 601, "medium", "decides where a browser is sent")
LDAP = Rule("ldap-injection", 90, "high", "is part of an LDAP query")
XPATH = Rule("xpath-injection", 643, "high", "is part of an XPath query")
DESERIALISATION = Rule("unsafe-deserialisation", 502, "high", "is made into objects")
ENTITIES = Rule("xml-external-entities", 611, "high", "is read by a parser that follows external entities")
TRUST = Rule("trust-boundary", 501, "medium", "is kept in the session, which is trusted")
TEMPLATE = Rule("template-injection", 1336, "high", "is run as a template")
REQUEST_FORGERY = Rule("server-side-request-forgery", 918, "high", "decides which address is asked")

HASH = Rule("weak-hash", 328, "medium", "is a hash that can be forged")
RANDOM = Rule("weak-randomness", 330, "low", "can be foretold")
COOKIE = Rule("insecure-cookie", 614, "medium", "travels over unencrypted connections")

RULES = (
    COMMAND, CODE, SQL, PATH, SCRIPT, REDIRECT, LDAP, XPATH, DESERIALISATION, ENTITIES, TRUST, TEMPLATE,
    REQUEST_FORGERY, HASH, RANDOM, COOKIE,
)  # fmt: skip
EVERYTHING = frozenset(rule.name for rule in RULES)
