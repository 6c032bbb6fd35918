"""Python's tracebacks as text, compared with what Python itself knows about the exception."""

from __future__ import annotations

import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.collectors.logs.frames import RaisedException, python_frame, shortened_chain
from quality_platform.collectors.logs.python_traceback import parse_traceback


class CustomError(Exception):
    pass


def fail(error: BaseException) -> None:
    raise error


def caught(function: Callable[..., Any], *arguments: Any) -> BaseException:
    try:
        function(*arguments)
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def chained(outer: BaseException, inner: BaseException, *, explicit: bool) -> BaseException:
    def run() -> None:
        try:
            fail(inner)
        except BaseException as error:
            if explicit:
                raise outer from error
            raise outer  # noqa: B904 - a context is what is wanted

    return caught(run)


def recursive(depth: int) -> None:
    if depth == 0:
        raise CustomError("bottom")
    recursive(depth - 1)


def local_class() -> None:
    class InnerError(Exception):
        pass

    raise InnerError("local\nclass")


def noted() -> None:
    error = ValueError("with notes")
    error.add_note("first note\nof two lines")
    error.add_note("second note")
    raise error


def group(*members: BaseException, message: str = "several") -> BaseException:
    return caught(fail, BaseExceptionGroup(message, [caught(fail, member) for member in members]))


def chained_never_raised() -> BaseException:
    def run() -> None:
        raise CustomError("outer") from KeyError("never raised")

    return caught(run)


def expected(error: traceback.TracebackException) -> list[tuple[str | None, str, list[tuple[str, int | None, str]]]]:
    """What `parse_traceback` should find: causes first, members before their group. Read from Python's own objects."""
    chain: list[Any] = []
    if error.__cause__ is not None:
        chain += expected(error.__cause__)
    elif error.__context__ is not None and not error.__suppress_context__:
        chain += expected(error.__context__)
    for member in error.exceptions or ():
        chain += expected(member)
    text = "".join(error.format_exception_only()).rstrip("\n")
    name, _, message = text.partition(": ")
    frames = [(frame.filename, frame.lineno, frame.name) for frame in error.stack]
    return [*chain, (name, message, frames)]


def found(text: str) -> list[tuple[str | None, str, list[tuple[str | None, int | None, str | None]]]]:
    return [
        (raised.type, raised.message, [(frame.file, frame.line, frame.function) for frame in raised.frames])
        for raised in parse_traceback(text.splitlines())
    ]


ERRORS: dict[str, Callable[[], BaseException]] = {
    "plain": lambda: caught(fail, ValueError("bad")),
    "a message of several lines": lambda: caught(fail, ValueError("one\ntwo: 3\n\n  four\nFive: six")),
    "a message that looks like a frame": lambda: caught(fail, ValueError('x\n  File "a.py", line 3, in f')),
    "a custom class": lambda: caught(fail, CustomError("custom")),
    "a local class": lambda: caught(local_class),
    "notes": lambda: caught(noted),
    "a cause": lambda: chained(CustomError("outer"), KeyError("inner"), explicit=True),
    "a context": lambda: chained(CustomError("outer"), KeyError("inner"), explicit=False),
    "a chain of three": lambda: chained(
        OSError(2, "no such file", "a b"), chained(CustomError("x"), ValueError("y"), explicit=True), explicit=False
    ),
    "a cause that was never raised": chained_never_raised,
    "system exit": lambda: caught(fail, SystemExit(3)),
    "a few times itself": lambda: caught(recursive, 2),
    "unicode": lambda: caught(fail, ValueError("größe ✓ 漢字")),
    "from the standard library": lambda: caught(int, "x"),
    "a group": lambda: group(ValueError("a"), TypeError("b\nc")),
    "a group of groups": lambda: group(
        group(KeyError("deep"), OSError("io")), ValueError("a"), group(CustomError("last"))
    ),
    "a group with chains inside": lambda: group(
        chained(CustomError("o"), KeyError("i"), explicit=True), ValueError("v")
    ),
    "a group caused by an error": lambda: chained(ExceptionGroup("g", [ValueError("m")]), KeyError("c"), explicit=True),
    "an error caused by a group": lambda: chained(
        CustomError("o"), ExceptionGroup("g", [ValueError("m")]), explicit=True
    ),
    "a group with a message of several lines": lambda: group(ValueError("a"), message="one\ntwo"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_python_prints_is_what_is_found(name: str) -> None:
    error = ERRORS[name]()
    text = "".join(traceback.format_exception(error))
    assert found(text) == expected(traceback.TracebackException.from_exception(error))


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=40))
def test_any_message_of_one_line_is_found(message: str) -> None:
    error = caught(fail, CustomError(message))
    ((_, text, _),) = found("".join(traceback.format_exception(error)))
    assert text == message.rstrip()


def test_frames_repeated_are_not_repeated() -> None:
    error = caught(recursive, 50)
    text = "".join(traceback.format_exception(error))
    assert "[Previous line repeated" in text
    ((name, message, frames),) = found(text)
    assert (name, message) == (f"{__name__}.CustomError", "bottom")
    assert 4 <= len(frames) <= 6


def test_members_and_groups_that_python_leaves_out_are_no_exceptions() -> None:
    deep: BaseException = ValueError("bottom")
    for _ in range(15):
        deep = ExceptionGroup("level", [deep])  # type: ignore[list-item]
    wide = ExceptionGroup("wide", [ValueError(str(index)) for index in range(20)])
    for error, count in ((deep, 11), (wide, 16)):
        text = "".join(traceback.format_exception(error))
        chain = parse_traceback(text.splitlines())
        assert len(chain) == count - (error is deep)
        assert all(raised.type for raised in chain)


def test_a_syntax_error_names_the_file(tmp_path: Path) -> None:
    script = tmp_path / "broken.py"
    script.write_text("x = (\n")
    output = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False).stderr
    assert not output.startswith("Traceback")
    (raised,) = parse_traceback(output.splitlines())
    assert (raised.type, raised.message) == ("SyntaxError", "'(' was never closed")
    assert [(frame.file, frame.line, frame.function) for frame in raised.frames] == [(str(script), 1, None)]


def test_a_traceback_cut_off_keeps_its_frames() -> None:
    (raised,) = parse_traceback(["Traceback (most recent call last):", '  File "a.py", line 1, in f', "    x"])
    assert (raised.type, raised.message, len(raised.frames)) == (None, "", 1)


def test_frames_as_loguru_marks_them() -> None:
    (raised,) = parse_traceback(
        [
            "Traceback (most recent call last):",
            "",
            '> File "a.py", line 1, in f',
            "    x",
            "    └ 5",
            "",
            "ValueError: x",
        ]
    )
    assert (raised.type, raised.message, len(raised.frames)) == ("ValueError", "x", 1)


def test_a_stack_that_is_too_long_keeps_both_ends() -> None:
    lines = [line for index in range(1000) for line in (f'  File "a{index}.py", line {index + 1}, in f', "    x")]
    (raised,) = parse_traceback(["Traceback (most recent call last):", *lines, "ValueError: x"])
    assert [raised.frames[0].line, raised.frames[49].line, raised.frames[50].line, raised.frames[-1].line] == [
        1,
        50,
        851,
        1000,
    ]


def test_a_chain_that_is_too_long_keeps_both_ends() -> None:
    block = ["Traceback (most recent call last):", '  File "a.py", line 1, in f', "    x"]
    link = ["", "During handling of the above exception, another exception occurred:", ""]
    lines = [line for index in range(300) for line in (*block, f"ValueError: {index}", *link)]
    chain = shortened_chain(parse_traceback([*lines, *block, "KeyError: last"]))
    assert len(chain) == 50
    assert (chain[0].message, chain[-1].type) == ("0", "KeyError")


def test_margins_nested_without_end_are_followed_only_so_far() -> None:
    lines = ["  + Exception Group Traceback (most recent call last):"]
    lines += [" " * depth + "+---------------- 1 ----------------" for depth in range(4, 2000)]
    assert parse_traceback([*lines, "  | ValueError: x"]) is not None


@pytest.mark.parametrize(
    "line", ["a" * 100_000 + "!", "a." * 50_000 + "!", "<locals>" * 20_000 + "!", "_" + "a1" * 50_000 + " x"]
)
def test_hostile_last_lines_take_no_time(line: str) -> None:
    (raised,) = parse_traceback(["Traceback (most recent call last):", line])
    assert raised == RaisedException(None, line, ())


@pytest.mark.parametrize(
    ("path", "module", "in_app"),
    [
        ("/app/shop/cart.py", "shop.cart", True),
        ("/home/bob/work/shop/cart.py", "shop.cart", True),
        ("shop/cart.py", "shop.cart", True),
        ("./cart.py", "cart", True),
        ("cart.py", "cart", True),
        ("/app/src/shop/web/cart.py", "shop.web.cart", True),
        ("/app/shop/__init__.py", "shop", True),
        ("C:\\work\\shop\\cart.py", "shop.cart", True),
        ("/app/.venv/lib/python3.11/site-packages/flask/app.py", "flask.app", False),
        ("/usr/lib/python3/dist-packages/apt/__init__.py", "apt", False),
        ("/usr/lib/python3.11/json/decoder.py", "json.decoder", False),
        ("/usr/local/lib64/python3.12/asyncio/runners.py", "asyncio.runners", False),
        ("C:\\Python311\\Lib\\json\\decoder.py", "json.decoder", False),
        ("C:\\venv\\Lib\\site-packages\\flask\\app.py", "flask.app", False),
        ("<frozen importlib._bootstrap>", "importlib._bootstrap", False),
        ("<string>", "<string>", True),
    ],
)
def test_what_a_path_says_about_a_frame(path: str, module: str, in_app: bool) -> None:
    frame = python_frame(path, 3, "pay")
    assert (frame.module, frame.in_app, frame.file, frame.name) == (module, in_app, path, f"{module}.pay")
