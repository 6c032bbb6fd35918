from __future__ import annotations

from datetime import UTC, datetime

import pytest

from quality_platform.notifications.answers import pause, refusal

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_accepted(status: int) -> None:
    assert refusal("h", status, b"whatever", None, NOW) is None


@pytest.mark.parametrize(
    ("status", "retry"),
    [
        (199, False),
        (300, False),
        (301, False),
        (307, False),
        (308, False),
        (400, False),
        (401, False),
        (403, False),
        (404, False),
        (408, True),
        (410, False),
        (413, False),
        (422, False),
        (425, True),
        (429, True),
        (500, True),
        (502, True),
        (503, True),
        (504, True),
        (599, True),
    ],
)
def test_refused(status: int, retry: bool) -> None:
    error = refusal("hooks.example", status, b"", None, NOW)
    assert error is not None
    assert error.retry is retry
    assert error.status == status
    assert error.retry_after is None
    assert str(error).startswith(f"hooks.example answered {status}")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("0", 1.0),
        ("86400", 3600.0),
        ("9" * 400, 3600.0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("\u0663", None),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sunday, 01-Mar-26 12:00:30 GMT", 30.0),
        ("Sun Mar  1 12:00:30 2026", 30.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 1.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600.0),
        ("Sun, 99 Mar 2026 12:00:30 GMT", None),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert pause(header, NOW) == seconds
    error = refusal("h", 429, b"", header, NOW)
    assert error is not None
    assert error.retry_after == seconds


def test_only_a_single_word_of_the_body_is_repeated() -> None:
    assert "(channel_not_found)" in str(refusal("h", 404, b"channel_not_found\n", None, NOW))
    for body in (b"<html>secret</html>", b"two words", b"A" * 4096, b"\xff\xfe", b"a" * 61):
        assert str(refusal("h", 500, body, None, NOW)) == "h answered 500."


def test_gone_and_moved_say_what_to_do() -> None:
    assert "remove the channel" in str(refusal("h", 410, b"", None, NOW))
    assert "final URL" in str(refusal("h", 302, b"", None, NOW))
