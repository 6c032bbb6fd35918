"""Every verb has help with an example; errors are sentences on stderr, as JSON where JSON was asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from quality_platform.cli.main import app
from quality_platform.cli.output import as_json
from quality_platform_tests.data.verbs import verb
from quality_platform_tests.data.waiting import WAIT_SECONDS

VERBS = (
    "up", "serve", "init", "check", "scan", "gate", "run", "sql", "lineage", "alerts", "channels", "report", "status", "doctor",
    "keys", "tokens", "audit", "privacy", "rules", "silences", "spool", "detect", "sbom",
)  # fmt: skip


def process(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as a user starts it."""
    environment = {"PATH": "/usr/bin:/bin", "QUALITY_PLATFORM_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}
    command = [sys.executable, "-m", "quality_platform", *arguments]
    return subprocess.run(
        command, cwd=tmp_path, env=environment, text=True, capture_output=True, check=False, timeout=WAIT_SECONDS
    )


def test_every_verb_is_there_with_an_example() -> None:
    command = get_command(app)
    assert set(command.commands) == set(VERBS)  # type: ignore[attr-defined]
    for name, each in command.commands.items():  # type: ignore[attr-defined]
        subs = getattr(each, "commands", {"": each})
        for sub in subs.values():
            assert "Example: `quality-platform" in (sub.epilog or ""), name
            assert sub.help, name


@pytest.mark.parametrize("name", ["sql", "status", "alerts", "lineage", "report"])
def test_without_a_lake_a_verb_says_what_to_do(tmp_path: Path, name: str) -> None:
    arguments = {"sql": ["SELECT 1"], "lineage": ["cpu"]}.get(name, [])
    answer = verb(tmp_path, name, *arguments)
    assert answer.code == 1
    assert "quality-platform up" in answer.err
    assert "Traceback" not in answer.err
    answer = verb(tmp_path, name, *arguments, "--json")
    assert json.loads(answer.err)["hint"]


def test_init_and_check(tmp_path: Path) -> None:
    assert verb(tmp_path, "check").code == 2
    assert verb(tmp_path, "init").code == 0
    answer = verb(tmp_path, "check", "--json")
    assert (answer.code, json.loads(answer.out)["problems"]) == (0, [])
    assert verb(tmp_path, "init").code == 2
    (tmp_path / "quality.yaml").write_text("projects:\n  - id: '?'\n")
    answer = verb(tmp_path, "check")
    assert answer.code == 2
    assert "line 2" in answer.out
    schema = json.loads(verb(tmp_path, "init", "--schema").out)
    assert "projects" in schema["properties"]


def test_a_process_ends_as_its_verb_does(tmp_path: Path) -> None:
    answer = process(tmp_path, "sql", "SELECT 1")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "quality-platform up" in answer.stderr
    assert process(tmp_path, "check").returncode == 2


def test_unknown_words_are_usage_errors(tmp_path: Path) -> None:
    assert verb(tmp_path, "alerts", "--status", "loud").code == 2
    assert verb(tmp_path, "scan", ".", "--history", "some").code == 2
    assert verb(tmp_path, "fly").code == 2


def test_json_has_no_number_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    as_json([{"a": float("nan"), "b": b"\xff", "c": {1: 2}}])
    assert json.loads(capsys.readouterr().out) == [{"a": None, "b": "\ufffd", "c": {"1": 2}}]
