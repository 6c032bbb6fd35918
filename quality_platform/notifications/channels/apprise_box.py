"""The process that Apprise runs in: reads an order from standard input, answers in one word.

Limits hold for whatever the library or one of its plugins does: memory, processor time, files, no other programs, and
connections only to addresses that a webhook may be sent to. Started by `apprise.py`; knows nothing of the platform but
which addresses are public.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from typing import Any

import orjson

from quality_platform.notifications.addresses import reachable

MEMORY_BYTES = 1024**3
FILE_BYTES = 1024**2
PROCESSOR_SECONDS = 30
STARTS_PROGRAMS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "os.spawn",
                   "pty.spawn", "ctypes.dlopen", "os.startfile")  # fmt: skip


class ForbiddenError(OSError):
    """Something was tried that the box does not allow."""


def main() -> None:
    """Carry out one order."""
    order = orjson.loads(sys.stdin.buffer.read())
    answer = os.fdopen(os.dup(1), "wb")
    # what the library prints is nobody's business
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    _limit()
    answer.write(_notified(order))
    answer.close()


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _notified(order: dict[str, Any]) -> bytes:
    import apprise

    tried: list[str] = []
    asset = apprise.AppriseAsset(async_mode=False, secure_logging=True, plugin_paths=[])
    service = apprise.Apprise(asset=asset)
    if not service.add(order["url"]):
        return b"unreadable"
    for one in service:
        one.socket_connect_timeout, one.socket_read_timeout = 4.0, float(order["seconds"])
    guard(order["allowed"], tried)
    done = service.notify(body=order["body"], title=order["title"], notify_type=order["type"], body_format="text")
    return b"done" if done else b"forbidden" if tried else b"refused"


def guard(allowed: Sequence[str], tried: list[str]) -> None:
    """From here on raise `ForbiddenError` where this process leaves its bounds, and note in `tried` what it wanted."""
    networks = [ip_network(cidr) for cidr in allowed]

    def judge(event: str, arguments: tuple[Any, ...]) -> None:
        if event in STARTS_PROGRAMS:
            tried.append(event)
            raise ForbiddenError(event)
        if event in {"socket.connect", "socket.sendto", "socket.bind"} and not _may(event, arguments[1], networks):
            tried.append(event)
            raise ForbiddenError(event)

    # an audit hook cannot be taken off again
    sys.addaudithook(judge)


def _may(event: str, target: Any, networks: Sequence[Any]) -> bool:
    """Whether a socket may go there: to a public address or an allowed one, or to a resolver of names."""
    if not isinstance(target, tuple):
        return False  # a socket of this machine
    if event == "socket.bind":
        return bool(target[1] == 0)
    if target[1] == 53:
        return True
    try:
        ip_address(str(target[0]).partition("%")[0])
    except ValueError:
        return False  # a name would be looked up again after this
    listed, public = reachable([str(target[0])], networks)
    return bool(listed or public)


if __name__ == "__main__":
    main()
