from __future__ import annotations

import pytest

from quality_platform.notifications.plain import clipped, safe_url, single_line


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/",
        "http://127.0.0.1:3000/runs/1?a=b&c=d#e",
        "https://bücher.example/ä",
        "https://[::1]:8080/x",
    ],
)
def test_a_web_address_is_kept(url: str) -> None:
    assert safe_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "java\nscript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "//example.org/x",
        "/relative",
        "https:///x",
        "https://e.example/\r\nX: y",
        "https://e.example/a b",
        "https://e.example/\x00",
        "https://[::1/",
        "https://e.example/" + "a" * 2000,
    ],
)
def test_anything_else_is_no_link(url: str | None) -> None:
    assert safe_url(url) is None


def test_single_line_and_clipped() -> None:
    assert single_line(" a\r\nBcc: b\t c ") == "a Bcc: b c"
    assert single_line("abcdef", 4) == "abc…"
    assert clipped("abc", 3) == "abc"
    assert clipped("abcd", 3) == "ab…"
    assert clipped("abc", 0) == "…"
