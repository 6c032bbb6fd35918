"""Secrets in any text: keys, tokens and passwords that should not be in a repository.

Every pattern runs in linear time (RE2), whatever the text. Of a secret nothing leaves the file but its keyed hash and
its last two characters. Does not belong here: whether a secret still works, which nobody asks from here.
"""

from __future__ import annotations

import hmac
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from quality_platform.analysis.facts import Finding
from quality_platform.analysis.tools import SECRETS

LEAST_ENTROPY = 3.3
"""Bits a character of what may be a password by the name of what it is given to; words have less than 3."""

MOST = 200
"""Secrets told of one file: a list of thousands is one story."""

CWE = 798
PLACEHOLDERS = (
    b"example", b"xxxx", b"your", b"changeme", b"placeholder", b"dummy", b"****", b"<", b"${", b"{{", b"%(",
    b"redacted", b"foobar", b"1234567890", b"abcdef", b"secret", b"password", b"test",
    b"fake", b"sample", b"....", b"os.environ",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of secret: the group of `pattern` is the secret. `guessed`: it is told by its name alone."""

    rule: str
    title: str
    pattern: str
    severity: str = "high"
    confidence: str = "high"
    guessed: bool = False


KINDS = (
    Kind("private-key", "Private key",
         r"(-----BEGIN (?:RSA |EC |DSA |OPENSSH |PGP |ENCRYPTED )?PRIVATE KEY(?: BLOCK)?-----"
         r"[\sA-Za-z0-9+/=:,.\\-]{40,})"),
    Kind("aws-access-key", "AWS access key", r"\b((?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16})\b"),
    Kind("github-token", "GitHub token", r"\b((?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,}))\b"),
    Kind("gitlab-token", "GitLab token", r"\b(glpat-[A-Za-z0-9_-]{20,60})\b"),
    Kind("slack-token", "Slack token", r"\b(xox[abeoprs]-[A-Za-z0-9-]{10,})\b"),
    Kind("slack-webhook", "Slack webhook",
         r"(hooks\.slack\.com/services/T[A-Za-z0-9]{8,12}/B[A-Za-z0-9]{8,12}/[A-Za-z0-9]{20,30})"),
    Kind("stripe-key", "Stripe key", r"\b((?:sk|rk)_live_[A-Za-z0-9]{20,})\b"),
    Kind("google-api-key", "Google API key", r"\b(AIza[A-Za-z0-9_-]{35})\b"),
    Kind("sendgrid-key", "SendGrid key", r"\b(SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43})\b"),
    Kind("twilio-key", "Twilio key", r"\b(SK[0-9a-f]{32})\b", confidence="medium"),
    Kind("npm-token", "npm token", r"\b(npm_[A-Za-z0-9]{36})\b"),
    Kind("pypi-token", "PyPI token", r"\b(pypi-AgE[A-Za-z0-9_-]{50,})\b"),
    Kind("digitalocean-token", "DigitalOcean token", r"\b(do[opr]_v1_[a-f0-9]{64})\b"),
    Kind("anthropic-key", "Anthropic key", r"\b(sk-ant-[A-Za-z0-9_-]{30,})\b"),
    Kind("openai-key", "OpenAI key", r"\b(sk-(?:proj-)?[A-Za-z0-9]{20,}T3BlbkFJ[A-Za-z0-9]{20,})\b"),
    Kind("azure-storage-key", "Azure storage key", r"AccountKey=([A-Za-z0-9+/]{86}==)"),
    Kind("telegram-token", "Telegram bot token", r"\b([0-9]{8,10}:AA[A-Za-z0-9_-]{33})\b"),
    Kind("json-web-token", "JSON web token",
         r"\b(eyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,})", "medium", "medium"),
    Kind("password-in-url", "Password in an address",
         r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@'\"]{1,60}:([^\s:/@'\"<>{}$]{6,80})@[a-z0-9.-]{3,80}",
         "medium", "medium", guessed=True),
    Kind("password", "Password or key",
         r"(?i)(?:passwd|password|secret|api_?key|auth_?token|access_?token|private_?key)[a-z0-9_]{0,20}['\"]?"
         r"\s{0,4}(?:=|:|=>)\s{0,4}['\"]([^\s'\"]{10,})['\"]",
         "medium", "low", guessed=True),
)  # fmt: skip


def find(content: bytes, secret: bytes) -> tuple[Finding, ...]:
    """The secrets in a text, one for each value and line; none in what is binary."""
    if b"\0" in content[:8192]:
        return ()
    found: dict[tuple[str, int], Finding] = {}
    for kind, start, value in _matches(content):
        if len(found) == MOST:
            break
        line = content.count(b"\n", 0, start) + 1
        column = start - (content.rfind(b"\n", 0, start) + 1)
        found.setdefault((kind.rule, line), _finding(kind, value, line, column, secret))
    return tuple(found.values())


def _matches(content: bytes) -> Iterator[tuple[Kind, int, bytes]]:
    every, patterns = _patterns()
    for number in sorted(every.Match(content) or ()):
        kind = KINDS[number]
        for match in patterns[number].finditer(content):
            value = match.group(1)
            if _is_real(kind, value):
                yield kind, match.start(1), value


@cache
def _patterns() -> tuple[Any, tuple[Any, ...]]:
    """All patterns at once, to know which match, and each, to know where."""
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    every = re2.Set.SearchSet(options)
    for kind in KINDS:
        every.Add(kind.pattern.encode())
    every.Compile()
    return every, tuple(re2.compile(kind.pattern.encode(), options) for kind in KINDS)


def _is_real(kind: Kind, value: bytes) -> bool:
    lowered = value.lower()
    if kind.guessed:
        return not any(word in lowered for word in PLACEHOLDERS) and _entropy(value) >= LEAST_ENTROPY
    return b"example" not in lowered and len(set(value)) > 5


def _entropy(value: bytes) -> float:
    """Shannon's bits a character."""
    counts = Counter(value).values()
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts)


def _finding(kind: Kind, value: bytes, line: int, column: int, secret: bytes) -> Finding:
    ending = value[-2:].decode("ascii", "replace") if value[-2:].isalnum() else "··"
    message = f"{kind.title} of {len(value)} characters that ends with {ending}."
    # of the secret, not of its line: the same key in another place is the same key
    digest = hmac.digest(secret, value, "sha256").hex()[:32]
    return Finding(
        *(SECRETS, kind.rule, kind.title, "security", kind.severity, kind.confidence, CWE),
        *(line, line, column, message, digest),
    )
