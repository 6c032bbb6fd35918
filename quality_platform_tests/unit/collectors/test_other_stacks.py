"""Stacks of .NET, Go, Ruby, PHP and Rust, as their runtimes print them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality_platform.collectors.logs.event import culprit
from quality_platform.collectors.logs.other_stacks import parse_other

NET = """System.InvalidOperationException: no card
 ---> System.Collections.Generic.KeyNotFoundException: The given key was not present.
   at System.Collections.Generic.Dictionary`2.get_Item(TKey key)
   at Shop.Cards.Find(String id) in /src/Shop/Cards.cs:line 7
   --- End of inner exception stack trace ---
   at Shop.Pay.Charge(Order order) in /src/Shop/Pay.cs:line 12
   at Shop.Program.Main(String[] args) in /src/Shop/Program.cs:line 3"""

GO = """panic: no card

goroutine 1 [running]:
main.pay(0x1)
\t/app/pay.go:12 +0x1d
net/http.HandlerFunc.ServeHTTP(0x2, {0x3, 0x4})
\t/usr/local/go/src/net/http/server.go:2136 +0x29
main.main()
\t/app/main.go:3 +0x20
exit status 2"""

RUBY = """/app/pay.rb:12:in `pay': no card (Shop::CardError)
\tfrom /usr/lib/ruby/gems/3.1.0/gems/rack-2.2/lib/rack.rb:3:in `call'
\tfrom /app/main.rb:3:in `<main>'"""

PHP = r"""PHP Fatal error:  Uncaught Shop\CardError: no card in /app/pay.php:12
Stack trace:
#0 /app/main.php(3): Shop\Pay->charge()
#1 {main}
  thrown in /app/pay.php on line 12"""

RUST = """thread 'main' panicked at src/pay.rs:12:5:
no card
stack backtrace:
   0: rust_begin_unwind
             at /rustc/90b35a6239c3d8bdabc530a6a0816f7ff89a0aaf/library/std/src/panicking.rs:665:5
   1: shop::pay
             at ./src/pay.rs:12:5
   2: shop::main
             at ./src/main.rs:3:5"""


@pytest.mark.parametrize(
    ("text", "kind", "message", "function", "file"),
    [
        (NET, "System.InvalidOperationException", "no card", "Shop.Pay.Charge", "/src/Shop/Pay.cs"),
        (GO, "panic", "no card", "main.pay", "/app/pay.go"),
        (RUBY, "Shop::CardError", "no card", "pay", "/app/pay.rb"),
        (PHP, r"Shop\CardError", "no card", r"Shop\Pay->charge", "/app/pay.php"),
        (RUST, "panic", "no card", "shop::pay", "./src/pay.rs"),
    ],
    ids=["net", "go", "ruby", "php", "rust"],
)
def test_type_message_and_the_frame_that_failed(text: str, kind: str, message: str, function: str, file: str) -> None:
    found = parse_other(text)

    raised = found[-1]
    assert (raised.type, raised.message) == (kind, message)
    assert culprit(found) == function
    failed = next(frame for frame in reversed(raised.frames) if frame.in_app)
    assert (failed.function, failed.file, failed.line) == (function, file, 12)
    assert raised.frames[0].line == 3, "outermost call first"


def test_the_cause_of_an_exception_of_net_comes_first() -> None:
    cause, raised = parse_other(NET)

    assert cause.type == "System.Collections.Generic.KeyNotFoundException"
    assert [frame.function for frame in cause.frames] == [
        "Shop.Cards.Find",
        "System.Collections.Generic.Dictionary`2.get_Item",
    ]
    assert [frame.in_app for frame in cause.frames] == [True, False]
    assert [frame.function for frame in raised.frames] == ["Shop.Program.Main", "Shop.Pay.Charge"]


@pytest.mark.parametrize("text", [GO, RUBY, RUST], ids=["go", "ruby", "rust"])
def test_frames_of_libraries_are_not_the_applications(text: str) -> None:
    assert False in [frame.in_app for frame in parse_other(text)[-1].frames]


@pytest.mark.parametrize(
    "text", ["", "no card", "ValueError: no card", "panic: at the disco", "a ---> b", ":in ", "#0 "]
)
def test_what_has_no_frame_is_no_stack(text: str) -> None:
    assert parse_other(text) == ()


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [*NET.split("\n"), *GO.split("\n"), *RUBY.split("\n"), *PHP.split("\n"), *RUST.split("\n"), "", " ", "\t"]
        ),
        max_size=30,
    )
)
def test_lines_in_any_order_raise_nothing(lines: list[str]) -> None:
    for raised in parse_other("\n".join(lines)):
        assert len(raised.frames) <= 200


@pytest.mark.parametrize(
    "text",
    [
        "   at " + "a" * 200_000, "   at a(" * 30_000, "panic: " + "x(" * 100_000, "goroutine 1\n" + "f(" * 100_000,
        "a:1:in `" * 25_000, "#0 " + "(" * 200_000, "panicked at " + ":" * 200_000, "stack backtrace:\n" + "1: " * 60_000,
        "#0 x\nUncaught A" + "\\A" * 90_000, "#0 \nA: " + " in " * 50_000,
    ],
    ids=range(10),
)  # fmt: skip
def test_the_time_is_linear(text: str) -> None:
    started = time.process_time()
    parse_other(text)
    assert time.process_time() - started < 20
