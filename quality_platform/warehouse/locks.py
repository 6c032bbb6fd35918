"""One at a time: a file lock by name, or an advisory lock where the catalogs are in PostgreSQL.

Two kinds of name. A catalog (`raw`, `marts`): unserialised writers have corrupted SQLite catalogs, and on
PostgreSQL the lock makes «is this batch there already?» and its insertion one step. A source
(`source repository:flask`): two scans of one source at once would both find the same commits new.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from quality_platform.errors import LockHeldError
from quality_platform.settings import Settings

_threads: dict[tuple[str, str], threading.RLock] = {}
_held: dict[tuple[str, str], int] = {}
_registry = threading.Lock()
_for_life: list[ExitStack] = []


@contextmanager
def hold(settings: Settings, name: str, purpose: str) -> Iterator[None]:
    """Hold the lock called `name`; re-entrant in one thread.

    Raises LockHeldError, naming the holder, when it is not free within `settings.lock_timeout_seconds`.
    """
    key = (_identity(settings), name)
    with _registry:
        mutex = _threads.setdefault(key, threading.RLock())
    if not mutex.acquire(timeout=settings.lock_timeout_seconds):
        raise LockHeldError(f"The lock «{name}» is held by another thread of this process.")
    try:
        with ExitStack() as stack:
            if not _held.get(key):
                stack.enter_context(_process_lock(settings, name, purpose))
            _held[key] = _held.get(key, 0) + 1
            stack.callback(lambda: _held.__setitem__(key, _held[key] - 1))
            yield
    finally:
        mutex.release()


def hold_for_life(settings: Settings, name: str, purpose: str) -> None:
    """Hold the lock called `name` until this process ends, for a writer that gives no word when it is done."""
    stack = ExitStack()
    stack.enter_context(_process_lock(settings, name, purpose))
    _held[_identity(settings), name] = 1
    _for_life.append(stack)


def held(settings: Settings, name: str) -> bool:
    """Whether this process (any thread of it) holds the lock."""
    return bool(_held.get((_identity(settings), name)))


def _identity(settings: Settings) -> str:
    return settings.postgres_url.get_secret_value() if settings.postgres_url else str(settings.lake_dir)


@contextmanager
def _process_lock(settings: Settings, name: str, purpose: str) -> Iterator[None]:
    if settings.postgres_url:
        with _advisory(settings.postgres_url.get_secret_value(), name, settings.lock_timeout_seconds):
            yield
        return
    path = settings.place(settings.lake_dir / "locks") / f"{_slug(name)}.lock"
    try:
        lock = FileLock(path, timeout=settings.lock_timeout_seconds, poll_interval=0.01)
        lock.acquire()
    except Timeout as error:
        raise _held_error(name, path, settings.lock_timeout_seconds) from error
    try:
        _sign(path, purpose)
        yield
    finally:
        lock.release()


def _sign(path: Path, purpose: str) -> None:
    note = {"pid": os.getpid(), "purpose": purpose, "since": time.time()}
    path.with_suffix(".holder").write_text(json.dumps(note))


def _held_error(name: str, path: Path, timeout: float) -> LockHeldError:
    holder = "another process"
    with suppress(OSError, ValueError, KeyError):
        note = json.loads(path.with_suffix(".holder").read_text())
        holder = f"process {note['pid']} ({note['purpose']}, for {time.time() - note['since']:.0f} s)"
    return LockHeldError(
        f"The lock «{name}» is held by {holder}; waited {timeout:.0f} s.",
        hint="Let it finish or end that process, then try again.",
    )


@contextmanager
def _advisory(url: str, name: str, timeout: float) -> Iterator[None]:
    import psycopg

    deadline = time.monotonic() + timeout
    with psycopg.connect(url, autocommit=True, application_name=f"quality-platform {name} lock") as connection:
        while not _try_advisory(connection, name):
            if time.monotonic() > deadline:
                raise LockHeldError(
                    f"The lock «{name}» is held by another process; waited {timeout:.0f} s.",
                    hint="Look for it in pg_locks (locktype advisory).",
                )
            time.sleep(0.02)
        yield  # closing the connection lets go, even after kill -9


def _try_advisory(connection: object, name: str) -> bool:
    import psycopg

    assert isinstance(connection, psycopg.Connection)
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (_number(name),)).fetchone()
    return bool(row and row[0])


def _slug(name: str) -> str:
    """A file name: readable where the name is, told apart by a hash where it is not."""
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", name)[:80]
    return readable if readable == name else f"{readable}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def _number(name: str) -> int:
    """PostgreSQL's advisory locks are signed 64-bit numbers."""
    return int.from_bytes(hashlib.sha256(f"quality_platform {name}".encode()).digest()[:8], "big", signed=True)
