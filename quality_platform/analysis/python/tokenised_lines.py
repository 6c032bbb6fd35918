"""Counts the lines of a Python file as radon does, from Python's own tokens: for texts that `lines.py` is unsure of.

`radon.raw.analyze` looks for the end of a statement by tokenising its first line, its first two lines, and so on:
the square of a statement's lines, 28 s for a dictionary of 2,000. Here the text is tokenised once and cut where
statements end; radon's own rules are then applied to each piece. Where the cut could differ, radon does it all.
"""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator
from typing import Any

from quality_platform.analysis.facts import Lines

Token = tokenize.TokenInfo
END = Token(tokenize.ENDMARKER, "", (0, 0), (0, 0), "")
DEPTH = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}


class _UnsureError(Exception):
    """A statement ends where radon would go on."""


def count_lines(text: str) -> Lines | None:
    """The counts for `text`; None when its tokens do not come to an end, where radon raises SyntaxError."""
    lines = [line.strip() for line in text.splitlines()]
    try:
        return _counted(_statements(lines))
    except _UnsureError:
        return _by_radon(text)
    except (SyntaxError, tokenize.TokenError):
        return None


def _statements(lines: list[str]) -> Iterator[tuple[list[Token], list[str]]]:
    """Tokens and lines of each statement, comment or blank line."""
    tokens: list[Token] = []
    depth = start = 0
    for token in tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline):
        if token.type == tokenize.ERRORTOKEN:
            raise SyntaxError(f"no token at line {token.start[0]}")
        if token.type == tokenize.ENDMARKER:
            break
        tokens.append(token)
        depth += DEPTH.get(token.string, 0) if token.type == tokenize.OP else 0
        if token.type == tokenize.NEWLINE or (token.type == tokenize.NL and not depth):
            end = token.start[0]
            # without a last line feed radon takes a backslash before an empty line to go on
            if depth or (end - start > 1 and not lines[end - 1]):
                raise _UnsureError
            yield [*tokens, END], lines[start:end]
            tokens, start = [], end
    # the last statement, when its last line begins with # and goes on from the line before
    if any(token.type != tokenize.DEDENT for token in tokens):
        raise _UnsureError
    for line in lines[start:]:
        yield [END], [line]


def _counted(statements: Iterator[tuple[list[Token], list[str]]]) -> Lines:
    from radon.raw import _logical, is_single_token

    source = logical = comments = multi = blank = single = 0
    for tokens, lines in statements:
        filled = sum(map(bool, lines))
        comments += sum(token.type == tokenize.COMMENT for token in tokens)
        logical += _logical(tokens)
        if is_single_token(tokenize.COMMENT, tokens):
            single += 1
        elif not is_single_token(tokenize.STRING, tokens):
            source += filled
            blank += len(lines) - filled
        elif tokens[0].start[0] == tokens[0].end[0]:
            single += 1
        else:
            multi += filled
            blank += len(lines) - filled
    return Lines(source + blank + multi + single, source, logical, comments, multi, blank)


def _by_radon(text: str) -> Lines | None:
    from radon.raw import analyze

    try:
        raw: Any = analyze(text)
    except (SyntaxError, tokenize.TokenError):
        return None
    return Lines(raw.loc, raw.sloc, raw.lloc, raw.comments, raw.multi, raw.blank)
