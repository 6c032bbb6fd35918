"""Imports point down: the contracts of pyproject.toml hold."""

from __future__ import annotations

import subprocess
import sys

from quality_platform_tests.architecture.tree import ROOT

LINT = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True, no_logo=True))"


def test_import_contracts_hold() -> None:
    # in a process of its own, because it changes logging and the import path
    answer = subprocess.run([sys.executable, "-c", LINT], cwd=ROOT, capture_output=True, text=True, check=False)

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "0 broken" in answer.stdout
