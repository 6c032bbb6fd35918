"""Runs git, and is the only place that does: an argument list, a fixed environment, a limit of time.

A repository is hostile: its configuration can name programs that git then runs (hooks, fsmonitor, filters,
external diffs, gpg). So git works inside our own bare clone only, which takes no configuration over, and reads
neither the machine's configuration nor the user's. Does not belong here: what is asked of git.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from quality_platform.errors import SourceError
from quality_platform.settings import inherited

PASSED_ON = (
    *("PATH", "TMPDIR", "SYSTEMROOT"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH"),
)
"""Variables that git may see: how to find programs, proxies and certificate authorities."""

NOWHERE = "/nonexistent"
FIXED: Mapping[str, str] = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    # a partial clone would fetch what it lacks with the commands of its own configuration
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "",
    "HOME": NOWHERE,
    "XDG_CONFIG_HOME": NOWHERE,
    # messages are recognised by their English text
    "LC_ALL": "C",
}
HARMLESS = tuple(
    part
    for option in (
        f"core.hooksPath={os.devnull}",
        f"core.attributesFile={os.devnull}",
        "core.fsmonitor=false",
        # a larger file counts as binary in a diff, which bounds its memory and time
        "core.bigFileThreshold=16m",
        "log.showSignature=false",
        "credential.helper=",
        "submodule.recurse=false",
        # in the background it would outlive the scan
        "gc.autoDetach=false",
        "http.lowSpeedLimit=1000",
        "http.lowSpeedTime=60",
    )
    for part in ("-c", option)
)
READ_SECONDS = 600.0


class GitError(SourceError):
    """git refused, failed or took too long. `said` is the line that tells why."""

    def __init__(self, command: str, said: str) -> None:
        super().__init__(f"git {command} failed: {said}")
        self.said = said


def run(
    *arguments: str,
    folder: Path,
    feed: bytes = b"",
    seconds: float = READ_SECONDS,
    environment: Mapping[str, str] | None = None,
) -> bytes:
    """What `git ARGUMENTS` prints when it is run in `folder` with `feed` as its input. Raises GitError."""
    command = next(argument for argument in arguments if not argument.startswith("-"))
    try:
        process = subprocess.Popen(
            ["git", *HARMLESS, *arguments],
            cwd=folder,
            env={**inherited(PASSED_ON), **FIXED, **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # its own group, so that its children (ssh, upload-pack, index-pack) end with it
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise SourceError("git cannot be started.", hint="Install git 2.31 or newer.") from error
    with process:
        try:
            output, errors = process.communicate(feed, timeout=seconds)
        except subprocess.TimeoutExpired as error:
            _end(process)
            raise GitError(command, f"no answer within {seconds:g} seconds") from error
        except BaseException:
            _end(process)
            raise
    if process.returncode != 0:
        raise GitError(command, _reason(errors, process.returncode))
    return output


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _reason(errors: bytes, code: int) -> str:
    lines = [_plain(line).strip() for line in errors.decode("utf-8", "replace").splitlines()]
    # the first line is the cause (of ssh, of the other side), the ones after it what git makes of it
    telling = [line for line in lines if line and not line.startswith(("warning:", "hint:"))]
    return telling[0][:300].rstrip(".") if telling else f"exit code {code}"


def _plain(line: str) -> str:
    """`line` without what moves a terminal's cursor: the other side may have written it."""
    return "".join(char if char.isprintable() else " " for char in line)


@dataclass(frozen=True, slots=True)
class Clone:
    """Our own bare clone in `folder`. `head` is the commit that is read, `shallow` whether history is cut off."""

    folder: Path
    head: str
    shallow: bool = False

    def run(self, *arguments: str, feed: bytes = b"", seconds: float = READ_SECONDS) -> bytes:
        """What git prints about the clone. Raises GitError."""
        return run_in(self.folder, *arguments, feed=feed, seconds=seconds)


def run_in(
    folder: Path,
    *arguments: str,
    feed: bytes = b"",
    seconds: float = READ_SECONDS,
    environment: Mapping[str, str] | None = None,
) -> bytes:
    """`run` on the bare repository `folder`, which is ours: no other one is ever looked for around it."""
    return run(f"--git-dir={folder}", *arguments, folder=folder, feed=feed, seconds=seconds, environment=environment)
