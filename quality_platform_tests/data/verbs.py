"""Verbs of the command line in this process, without the second that a process of their own takes to start.

Belongs here: what a process would give and take with it: folder, environment, log, output, exit code. Does not belong
here: what a verb says.
"""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from quality_platform.cli import session
from quality_platform.cli.main import main
from quality_platform.telemetry.logs import LOGGER


@dataclass(frozen=True, slots=True)
class Answer:
    """How a verb ended and what it wrote."""

    code: int
    out: str
    err: str


def verb(folder: Path, *arguments: str, **variables: str) -> Answer:
    """`quality-platform` with `arguments`, called in `folder` with a home in it and nothing else but `variables`."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with _as_a_process(folder, arguments, variables), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
    return Answer(code, out.getvalue(), err.getvalue())


@contextmanager
def _as_a_process(folder: Path, arguments: tuple[str, ...], variables: dict[str, str]) -> Iterator[None]:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "QUALITY_PLATFORM_HOME": str(folder / "home")}
    before, logger = dict(os.environ), logging.getLogger(LOGGER)
    kept = logger.handlers, logger.level, logger.propagate
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["quality-platform", *arguments])
        session.settings.cache_clear()
        try:
            os.environ.clear()
            os.environ.update({**environment, **variables})
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)
            session.settings.cache_clear()
            for handler in logger.handlers:
                if handler not in kept[0]:
                    handler.close()
            logger.handlers, logger.level, logger.propagate = kept
