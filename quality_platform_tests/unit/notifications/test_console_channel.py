from __future__ import annotations

import io

import pytest

from quality_platform.model.channels import ConsoleChannel
from quality_platform.notifications.channels.console import send
from quality_platform.notifications.formats import text
from quality_platform.notifications.network import Network
from quality_platform.notifications.registry import build_sender
from quality_platform_tests.data.messages import ALERT, delivery, hostile


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_log_gets_the_plain_text() -> None:
    stream = io.StringIO()
    receipt = send(delivery(), stream)
    assert stream.getvalue().rstrip("\n") == text.render(ALERT).rstrip("\n")
    assert (receipt.status, receipt.detail) == (None, "printed")


def test_a_terminal_gets_a_coloured_title(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal()
    send(delivery(), stream)
    assert stream.getvalue().startswith("\x1b[1;31mCritical: Test coverage")


def test_hostile_text_steers_no_terminal() -> None:
    stream = io.StringIO()
    send(delivery(hostile("[bold]x[/bold] \x1b[2J [link=https://e.example]y[/link]")), stream)
    assert "\x1b" not in stream.getvalue()
    assert "[bold]x[/bold]" in stream.getvalue()


def test_the_channel_prints_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    build_sender(ConsoleChannel(name="terminal"), Network(), {}.get)(delivery())
    assert "Test coverage of flask" in capsys.readouterr().out
