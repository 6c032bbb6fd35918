"""Apprise in its box: what the box lets through is tried without the library, the library itself where it is installed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson
import pytest

from quality_platform.errors import ConfigurationError, DeliveryError
from quality_platform.model.channels import AppriseChannel
from quality_platform.notifications.channels import apprise as channel
from quality_platform.notifications.network import Network
from quality_platform_tests.data.alert_payloads import alert, speaking
from quality_platform_tests.data.receivers import answering, receiving

installed = pytest.mark.skipif(find_spec("apprise") is None, reason="the extra apprise is not installed")
TELEGRAM = "tgram://123456789:abcdefg_hijklmnop/12315544/"


def config(url: str) -> AppriseChannel:
    return AppriseChannel(name="tail", configuration={"url": url})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("json://127.0.0.1/", "json:// is no service"),
        ("syslog://", "syslog:// is no service"),
        ("mailto://u:hunter2@example.org", "mailto:// is no service"),
        ("hunter2://x", "what url begins with is no service"),
        ("exec://rm", "what url begins with is no service"),
    ],
)
def test_only_services_for_people_are_let_in(url: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as raised:
        channel.build(config(url), Network(), {}.get)
    assert "hunter2" not in str(raised.value)


def test_without_the_library_the_channel_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "find_spec", lambda _name: None)
    with pytest.raises(ConfigurationError, match=r"Apprise is not installed.*quality-platform\[apprise\]"):
        channel.build(config(TELEGRAM), Network(), {}.get)


def answered(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the channel makes of the box's word, and what the box was told."""
    orders: list[dict[str, Any]] = []

    def box(_command: list[str], order: bytes, _seconds: float) -> bytes:
        orders.append(orjson.loads(order))
        return answer

    monkeypatch.setattr(channel, "_boxed", box)
    monkeypatch.setattr(channel, "find_spec", lambda _name: True)
    send = channel.build(config(TELEGRAM), Network(), {}.get)
    return send, orders


def test_a_message_is_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    send, orders = answered(b"done", monkeypatch)
    assert send(speaking("firing", alert())).detail == "accepted through Apprise"
    (order,) = orders
    assert (order["type"], order["url"]) == ("failure", TELEGRAM)
    assert order["title"].startswith("Critical: Test coverage")


@pytest.mark.parametrize(
    ("answer", "retry"), [(b"unreadable", False), (b"forbidden", False), (b"refused", True), (b"", True), (b"?", True)]
)
def test_what_else_it_says(answer: bytes, retry: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    send, _ = answered(answer, monkeypatch)
    with pytest.raises(DeliveryError) as raised:
        send(speaking("firing", alert()))
    assert raised.value.retry is retry
    assert "hijklmnop" not in str(raised.value)


class TestBox:
    """A program of ours in the place of the library's."""

    @staticmethod
    def run(program: str, seconds: float = 60.0) -> bytes:
        return channel._boxed([sys.executable, "-I", "-c", program], b"order", seconds)

    def test_nothing_of_ours_is_inherited(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("QUALITY_PLATFORM_SECRET_KEY", "canary")
        seen = self.run(
            "import os; print(sorted(set(os.environ) - {'LC_CTYPE'}) == ['HOME', 'LANG', 'PATH', 'TMPDIR'])"
        )
        assert seen == b"True"

    def test_it_works_in_a_folder_of_its_own_that_goes_with_it(self) -> None:
        program = "import os; open('left', 'w').close(); print(os.getcwd()[-20:])"
        assert self.run(program)
        assert not [path for path in Path("/tmp").glob("apprise-*") if (path / "left").exists()]

    def test_the_order_comes_by_standard_input_and_noise_is_dropped(self) -> None:
        assert self.run("import sys; sys.stderr.write('secret'); print(sys.stdin.read())") == b"order"

    def test_what_takes_too_long_ends_with_all_that_it_started(self, tmp_path: Path) -> None:
        pid = tmp_path / "pid"
        program = (
            "import subprocess, sys, time\n"
            "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
            f"open({str(pid)!r}, 'w').write(str(child.pid))\n"
            "time.sleep(600)"
        )
        with pytest.raises(DeliveryError, match=r"did not answer within") as raised:
            self.run(program, 5.0)
        assert raised.value.retry
        if pid.exists():  # a slow machine may not have come so far
            wait_for_the_end(int(pid.read_text()))


def wait_for_the_end(pid: int) -> None:
    for _ in range(500):
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return
        except (ProcessLookupError, FileNotFoundError):
            return
        time.sleep(0.02)
    raise AssertionError("the child lives")


GUARDED = """
import socket, subprocess, os, sys
from quality_platform.notifications.channels.apprise_box import guard
tried = []
guard({allowed!r}, tried)
try:
    {deed}
except OSError as error:
    print(type(error).__name__, tried)
else:
    print("done", tried)
"""


@pytest.mark.parametrize(
    ("deed", "allowed", "said"),
    [
        ("socket.create_connection(('127.0.0.1', {port}), 5)", [], "ForbiddenError ['socket.connect']"),
        ("socket.create_connection(('127.0.0.1', {port}), 5)", ["127.0.0.0/8"], "done []"),
        ("socket.create_connection(('localhost', {port}), 5)", [], "ForbiddenError"),
        ("socket.create_connection(('169.254.169.254', 80), 5)", ["127.0.0.0/8"], "ForbiddenError ['socket.connect']"),
        ("socket.create_connection(('10.0.0.1', 80), 5)", [], "ForbiddenError ['socket.connect']"),
        ("socket.socket(socket.AF_UNIX).connect('/run/docker.sock')", [], "ForbiddenError ['socket.connect']"),
        ("socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 8125))", [], "ForbiddenError ['socket.sendto']"),
        ("socket.socket().bind(('0.0.0.0', 8080))", [], "ForbiddenError ['socket.bind']"),
        ("subprocess.run(['id'])", [], "ForbiddenError ['subprocess.Popen']"),
        ("os.system('id')", [], "ForbiddenError ['os.system']"),
        ("os.fork()", [], "ForbiddenError ['os.fork']"),
        ("os.execv('/bin/id', ['id'])", [], "ForbiddenError ['os.exec']"),
    ],
)  # fmt: skip
def test_the_guard_keeps_it_in(deed: str, allowed: list[str], said: str) -> None:
    with receiving(answering(200)) as receiver:
        program = GUARDED.format(allowed=allowed, deed=deed.format(port=receiver.port))
        found = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
        )
    assert found.stdout.startswith(said), found.stderr


@installed
class TestLibrary:
    @pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # one of its plugins
    def test_it_knows_every_service_that_is_let_in(self) -> None:
        import apprise

        services = apprise.Apprise().details()["schemas"]
        known = {name for one in services for kind in ("protocols", "secure_protocols") for name in one[kind] or ()}
        assert known >= channel.SCHEMES

    def test_a_service_inside_is_not_called(self) -> None:
        with receiving(answering(200)) as receiver:
            send = channel.build(config(f"mmosts://127.0.0.1:{receiver.port}/abcdefghijkl"), Network(), {}.get)
            with pytest.raises(DeliveryError, match=r"wanted to go where messages may not"):
                send(speaking("firing", alert()))
        assert receiver.connections == 0

    def test_an_address_it_cannot_read(self) -> None:
        with pytest.raises(DeliveryError, match=r"cannot read the address") as raised:
            channel.build(config("tgram://hunter2"), Network(), {}.get)(speaking("firing", alert()))
        assert not raised.value.retry
        assert "hunter2" not in str(raised.value)
