"""Matchers of labels in Alertmanager's syntax: `team="core"`, `env!=prod`, `service=~"api|web"`, `host!~"test-.*"`.

Regular expressions come from people and from the network, so they run in RE2, which takes linear time and is the
dialect of Alertmanager and Prometheus; look-around and back-references, which it has not, are refused when they are
read. Belongs here: one matcher and its syntax. Does not belong here: what matchers decide (`alerting/routing/`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Literal, cast

from pydantic import AfterValidator

from quality_platform.errors import UsageError

if TYPE_CHECKING:
    from re2 import _Regexp as Pattern

Operator = Literal["=", "!=", "=~", "!~"]

LONGEST = 1000
"""Characters of one matcher, name and quotes included."""

# what a compiled expression and its automaton may take; RE2's own limit is eight times that
_MEMORY = 1 << 20
_SYNTAX = re.compile(r"\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|=|!=|!~)\s*(.*)", re.DOTALL | re.ASCII)
_VALUE = re.compile(r'"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>(?:[^"\\]|\\.)*\\?)', re.DOTALL)
_ESCAPED = re.compile(r'\\([n"\\])')
_SPACE = " \t\n\f\r"
_ESCAPES = {"n": "\n", '"': '"', "\\": "\\"}
_QUOTING = str.maketrans({"\n": "\\n", '"': '\\"', "\\": "\\\\"})


@dataclass(frozen=True, slots=True)
class Matcher:
    """A condition on one label. One that is not there is empty; a regular expression matches the whole value."""

    name: str
    value: str
    operator: Operator

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether `labels` fulfil it. Raises UsageError for an expression that `parsed` would refuse."""
        value = labels.get(self.name, "")
        if self.operator == "=":
            return value == self.value
        if self.operator == "!=":
            return value != self.value
        return _found(self.value, value) == (self.operator == "=~")

    def __str__(self) -> str:
        return f'{self.name}{self.operator}"{self.value.translate(_QUOTING)}"'


def parsed(text: str) -> Matcher:
    """The matcher that `text` writes; quotes may be left out. Raises UsageError naming the text and the mistake."""
    if len(text) > LONGEST:
        raise UsageError(f"The matcher {text[:40]}… has {len(text)} characters.", hint=f"{LONGEST} is the limit.")
    found = _SYNTAX.fullmatch(text)
    if found is None:
        raise UsageError(f"{text!r} is no matcher.", hint='Write it like team="core"; the others are !=, =~ and !~.')
    name, operator, raw = found.groups()
    return checked(Matcher(name, _unquoted(raw.rstrip(_SPACE), text), cast("Operator", operator)))


def parsed_all(texts: Iterable[str]) -> tuple[Matcher, ...]:
    """The matchers of all `texts`, each of which may hold several with commas between, in braces or not."""
    return tuple(matcher for text in texts for matcher in _listed(text))


def checked(matcher: Matcher) -> Matcher:
    """A user's `matcher`, if it can be used. Raises UsageError naming it and the reason."""
    if not re.fullmatch("[a-zA-Z_:][a-zA-Z0-9_:]*", matcher.name):
        raise UsageError(f"{matcher.name[:80]!r} is no name of a label.", hint="Letters, digits, _ and :.")
    if len(matcher.value) > LONGEST:
        raise UsageError(f"A matcher of {matcher.name} is longer than {LONGEST} characters.")
    return compiling(matcher)


def compiling(matcher: Matcher) -> Matcher:
    """`matcher`, if RE2 accepts its expression, however long. Raises UsageError with RE2's reason."""
    if matcher.operator in ("=~", "!~"):
        _compiled(matcher.value)
    return matcher


@lru_cache(maxsize=4096)
def _listed(text: str) -> tuple[Matcher, ...]:
    return tuple(parsed(part) for part in _parts(text.removeprefix("{").removesuffix("}")))


def _parts(text: str) -> list[str]:
    """`text` divided at commas that stand outside quotes; what follows the last one may be empty."""
    parts, part, quoted, escaped = [], "", False, False
    for character in text:
        if character == "," and not quoted:
            parts.append(part)
            part = ""
            continue
        if character == '"' and not escaped:
            quoted = not quoted
        escaped = character == "\\" and not escaped
        part += character
    return [*parts, part.strip()] if part.strip() else parts


def _unquoted(raw: str, text: str) -> str:
    """The value without its quotes and escapes; a backslash before anything else stands for itself."""
    found = _VALUE.fullmatch(raw)
    if found is None:
        raise UsageError(f"{text!r} has a quote too many or too few.", hint='A quote inside a value is written \\".')
    return _ESCAPED.sub(lambda escape: _ESCAPES[escape[1]], found["quoted"] or found["plain"] or "")


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> Pattern:
    import re2

    options = re2.Options()
    options.max_mem, options.log_errors = _MEMORY, False
    try:
        # Go has no \C, and half a character of ours means nothing
        if re.search(r"(?<!\\)(?:\\\\)*\\C", pattern):
            raise re2.error(r"invalid escape sequence: \C")
        return re2.compile(f"^(?:{pattern})$".encode(), options)
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error)
        raise UsageError(
            f"The regular expression {pattern[:80]!r} cannot be used: {reason}.",
            hint="It is RE2's dialect, which has no look-around and no back-references.",
        ) from error


@lru_cache(maxsize=65_536)
def _found(pattern: str, value: str) -> bool:
    # the same few values meet the same few patterns again and again
    return _compiled(pattern).search(value.encode(errors="replace")) is not None


def _usable(text: str) -> str:
    """For pydantic, which wants ValueError."""
    try:
        parsed_all([text])
    except UsageError as error:
        raise ValueError(str(error)) from error
    return text


MatcherText = Annotated[str, AfterValidator(_usable)]
"""A field of matchers as text, checked."""
