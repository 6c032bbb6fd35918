"""Quick verbs stay quick: they import neither Dagster nor dbt nor Great Expectations, nor what draws and scans."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from quality_platform.settings import Settings
from quality_platform.state.migrate import upgrade
from quality_platform.warehouse.lake import Lake

HEAVY = (
    "dagster", "dagster_dbt", "dagster_postgres", "dbt", "great_expectations",
    "alembic", "bandit", "matplotlib", "pandas", "radon", "scipy", "sqlglot", "typst",
)  # fmt: skip

# DuckDB imports pandas to bind a parameter, whatever its type.
UNAVOIDABLE = {"lineage": ["pandas"]}

# Each with the arguments that make it do its work on an empty platform
VERBS = {
    "status": [],
    "sql": ["select 1"],
    "lineage": ["code.files"],
    "check": ["quality.yaml"],
    "alerts": ["--json"],
    "channels": ["list"],
    "rules": ["check"],
    "silences": ["list"],
}

RUN = """
import contextlib, io, json, sys
from quality_platform.cli.main import app
verb, arguments, heavy = json.loads(sys.argv[1])
for words in ([verb, "--help"], [verb, *arguments]):
    # an empty lake has no marts to show: what counts is what was imported to find out
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Exception, SystemExit):
        app(words, standalone_mode=False)
print(json.dumps([name for name in heavy if name in sys.modules]))
"""


@pytest.fixture(scope="module")
def empty_platform(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quick")
    settings = Settings(home=folder / "home")
    upgrade(settings)
    lake = Lake(settings)
    lake.set_up()
    lake.close()
    (folder / "quality.yaml").write_text("projects: []\n")
    return folder


@pytest.mark.parametrize("verb", VERBS)
def test_quick_verb_imports_nothing_heavy(verb: str, empty_platform: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps([verb, VERBS[verb], HEAVY])],
        cwd=empty_platform,
        env={"PATH": "/usr/bin:/bin", "QUALITY_PLATFORM_HOME": str(empty_platform / "home")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 0, answer.stderr
    assert set(json.loads(answer.stdout)) <= set(UNAVOIDABLE.get(verb, []))
