"""Personal data and secrets in free text, found by their shape.

Belongs here: the order of the passes. Does not belong here: addresses and numbers that need arithmetic
(`numbers.py`), or properties known by their name (`properties.py`).

Every pattern is linear: runs are possessive (`++`), and a look-behind lets each run be tried only once, at its
start. Each pass is preceded by the cheapest test that can rule it out.
"""

from __future__ import annotations

import re

from quality_platform.collectors.privacy.numbers import mask_accounts, mask_cards, truncate_ipv4, truncate_ipv6

SENSITIVE_NAMES = (
    r"passw(?:or)?d|passphrase|pwd|secret|token(?!s|iz)|api[_-]?key|access[_-]?key|private[_-]?key"
    r"|credential|authorization"
)
"""Words that make a field's value a secret wherever they stand in its name."""


_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}-----|\Z)", re.DOTALL)
_URL = re.compile(r"(?<![\w+.-])([a-zA-Z][\w+.-]*+://)([^\s\"'<>`]++)")
_QUERY = re.compile(r"(?<=[\w/])\?[\w.%\[\]-]++=[^\s\"'<>`]*+")
_JWT = re.compile(r"(?<![\w-])eyJ[\w-]++\.[\w-]++(?:\.[\w-]*+)?")
_KNOWN_TOKEN = re.compile(
    r"(?<!\w)(?:(?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_\w{20,}+|github_pat_\w{20,}+|glpat-[\w-]{16,}+"
    r"|xox[abeoprs]-[\w-]{10,}+|[sr]k_(?:live|test)_\w{10,}+|AIza[\w-]{30,}+|sk-(?=[\w-]{0,60}\d)[\w-]{20,}+)"
)
_SCHEME = re.compile(r"(?i)\b(bearer|basic|digest)\s{1,4}(?=[\w.~+/-]*?[\d._~+/=-])[\w.~+/=-]{8,}+")
_QUOTED = r"""(?:"(?:[^"\\]|\\.)*+"?|'(?:[^'\\]|\\.)*+'?)"""
_COOKIE = re.compile(rf"(?is)\b((?:set-)?cookie[\"']?\s{{0,4}}[:=]\s{{0,4}}+)(?!\[cookie])(?:{_QUOTED}|[^\n]++)")
_VALUE = rf"""(?:{_QUOTED}|(?:(?:bearer|basic|digest)\s{{1,4}})?[^\s,;&"')}}\]]++)"""
_ASSIGNED = re.compile(
    rf"(?is)((?:{SENSITIVE_NAMES})[\w-]{{0,40}}+[\"']?\s{{0,4}}[:=]>?+\s{{0,4}}+)(?!\[secret]){_VALUE}"
)
_OPTION = re.compile(rf"(?i)(?<![\w-])(--[\w-]{{0,40}}?(?:{SENSITIVE_NAMES})\s{{1,4}}+)(?!\[secret])[^\s-]\S*+")
# without a sign between them only a word with a digit is taken: "password is wrong" stays, "password hunter2" does not
_FOLLOWED = re.compile(
    r"(?i)\b((?:password|passwd|passphrase|pwd)\s{1,4}+(?:(?:is|was)\s{1,4}+)?)(?=[^\s\d]{0,80}\d)[^\s,;]++"
)
_EMAIL = re.compile(r"(?<![\w.%+-])[\w.%+-]++@[\w-]++(?:\.[\w-]++)++")
_ANYTHING = re.compile(r"[@:=?._\-\d]|earer|asic|igest", re.IGNORECASE)


def scrub(text: str) -> str:
    """`text` without personal data and secrets: each is replaced by its kind in brackets, IP addresses by their
    network (/24, /48). The text's other words and its shape stay, so that like messages stay alike."""
    if not _ANYTHING.search(text):
        return text
    return _without_numbers(_without_addresses(_without_secrets(text)))


def _without_secrets(text: str) -> str:
    if "PRIVATE KEY-----" in text:
        text = _PRIVATE_KEY.sub("[private key]", text)
    if "eyJ" in text:
        text = _JWT.sub("[token]", text)
    text = _KNOWN_TOKEN.sub("[token]", text)
    if ":" in text or "=" in text:
        text = _COOKIE.sub(r"\1[cookie]", text)
        text = _ASSIGNED.sub(r"\1[secret]", text)
    if "pass" in text or "Pass" in text or "pwd" in text or "PASS" in text:
        text = _FOLLOWED.sub(r"\1[secret]", text)
    if "--" in text:
        text = _OPTION.sub(r"\1[secret]", text)
    return _SCHEME.sub(r"\1 [token]", text)


def _without_addresses(text: str) -> str:
    if "://" in text:
        text = _URL.sub(_shorten_url, text)
    if "?" in text:
        text = _QUERY.sub("?[query]", text)
    if "@" in text:
        text = _EMAIL.sub("[email]", text)
    return text


def _without_numbers(text: str) -> str:
    text = mask_accounts(mask_cards(text))
    if "." in text:
        text = truncate_ipv4(text)
    if ":" in text:
        text = truncate_ipv6(text)
    return text


def _shorten_url(match: re.Match[str]) -> str:
    """The URL without user, password, query and fragment."""
    scheme, rest = match.groups()
    rest = _without_credentials(rest)
    rest, asked, _ = rest.partition("?")
    rest, marked, _ = rest.partition("#")
    return f"{scheme}{rest}{'?[query]' if asked else ''}{'#[fragment]' if marked else ''}"


def _without_credentials(rest: str) -> str:
    """The part of a URL after `://`; a password may hold any character, even a slash."""
    authority = rest.partition("/")[0]
    if "@" in authority:
        end = len(authority)
    elif ":" in authority and not authority.rpartition(":")[2].isdigit():
        end = len(rest)
    else:
        return rest
    at = rest.rfind("@", 0, end)
    return rest if at < 0 else f"[credentials]{rest[at:]}"
