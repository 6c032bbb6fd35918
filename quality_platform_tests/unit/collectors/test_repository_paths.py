from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.collectors.repository.languages import language_of
from quality_platform.collectors.repository.paths import readable


def original(text: str) -> bytes:
    """The bytes that `readable` was given, from git's description of its own quoting."""
    if not text.startswith('"'):
        return text.encode()
    parts = re.split(r'(\\[0-7]{3}|\\"|\\\\)', text[1:-1])
    meanings = {'\\"': b'"', "\\\\": b"\\"}
    return b"".join(
        meanings.get(part) or (bytes([int(part[1:], 8)]) if re.fullmatch(r"\\[0-7]{3}", part) else part.encode())
        for part in parts
    )


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (b"src/app.py", "src/app.py"),
        ("grüße/日本.py".encode(), "grüße/日本.py"),
        (b"a\\b.py", "a\\b.py"),
        (b"caf\xe9.py", '"caf\\351.py"'),
        (b'\xff\\"x', '"\\377\\\\\\"x"'),
        (b'"quoted"', '"\\"quoted\\""'),
        (b"a\xed\xb2\x80b", '"a\\355\\262\\200b"'),
        (b"line\nbreak", "line\nbreak"),
    ],
)
def test_a_path_is_text_as_it_is_or_as_git_quotes_it(path: bytes, text: str) -> None:
    assert readable(path) == text


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogateescape")))
def test_the_bytes_of_a_path_can_be_had_back(path: bytes) -> None:
    text = readable(path)
    text.encode()
    assert original(text) == path


@given(st.binary(max_size=8), st.binary(max_size=8))
def test_two_paths_never_become_the_same_text(one: bytes, other: bytes) -> None:
    assert (readable(one) == readable(other)) == (one == other)


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a.py", "python"),
        ("stubs/a.PYI", "python"),
        ("a.pyw", "python"),
        ('"caf\\351.py"', "python"),
        ("a.pyc", None),
        ("py", None),
        (".py", None),
        ("x/.gitignore", None),
        ("Dockerfile", "docker"),
        ("docs/CMakeLists.txt", "cmake"),
        ("notes.txt", "text"),
        ("lib/a.test.ts", "typescript"),
        ("Makefile", "make"),
        ("a.b/c", None),
    ],
)
def test_the_name_tells_the_language(path: str, language: str | None) -> None:
    assert language_of(path) == language
