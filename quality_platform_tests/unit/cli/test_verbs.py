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
from quality_platform_tests.data.waiting import WAIT_SECONDS

VERBS = (
    "up", "serve", "init", "check", "scan", "run", "sql", "lineage", "alerts", "channels", "report", "status", "doctor",
    "keys", "tokens", "audit", "privacy",
)  # fmt: skip


def call(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "QUALITY_PLATFORM_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}
    command = [sys.executable, "-m", "quality_platform", *arguments]
    return subprocess.run(
        command, cwd=tmp_path, env=environment, text=True, capture_output=True, check=False, timeout=WAIT_SECONDS
    )


def test_every_verb_is_there_with_an_example() -> None:
    command = get_command(app)
    assert set(command.commands) == set(VERBS)  # type: ignore[attr-defined]
    for name, verb in command.commands.items():  # type: ignore[attr-defined]
        subs = getattr(verb, "commands", {"": verb})
        for sub in subs.values():
            assert "Example: `quality-platform" in (sub.epilog or ""), name
            assert sub.help, name


@pytest.mark.parametrize("verb", ["sql", "status", "alerts", "lineage", "report"])
def test_without_a_lake_a_verb_says_what_to_do(tmp_path: Path, verb: str) -> None:
    arguments = {"sql": ["SELECT 1"], "lineage": ["cpu"]}.get(verb, [])
    answer = call(tmp_path, verb, *arguments)
    assert answer.returncode == 1
    assert "quality-platform up" in answer.stderr
    assert "Traceback" not in answer.stderr
    answer = call(tmp_path, verb, *arguments, "--json")
    assert json.loads(answer.stderr)["hint"]


def test_init_and_check(tmp_path: Path) -> None:
    assert call(tmp_path, "check").returncode == 2
    assert call(tmp_path, "init").returncode == 0
    answer = call(tmp_path, "check", "--json")
    assert (answer.returncode, json.loads(answer.stdout)["problems"]) == (0, [])
    assert call(tmp_path, "init").returncode == 2
    (tmp_path / "quality.yaml").write_text("projects:\n  - id: '?'\n")
    answer = call(tmp_path, "check")
    assert answer.returncode == 2
    assert "line 2" in answer.stdout
    schema = json.loads(call(tmp_path, "init", "--schema").stdout)
    assert "projects" in schema["properties"]


def test_unknown_words_are_usage_errors(tmp_path: Path) -> None:
    assert call(tmp_path, "alerts", "--status", "loud").returncode == 2
    assert call(tmp_path, "scan", ".", "--history", "some").returncode == 2
    assert call(tmp_path, "fly").returncode == 2


def test_json_has_no_number_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    as_json([{"a": float("nan"), "b": b"\xff", "c": {1: 2}}])
    assert json.loads(capsys.readouterr().out) == [{"a": None, "b": "\ufffd", "c": {"1": 2}}]
