"""The built wheel works from any folder: models, migrations, templates and Dagster's files are inside it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from quality_platform_tests.data.repositories import Repository

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's contents, as pip lays them out."""
    folder = tmp_path_factory.mktemp("wheel")
    build = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder / "dist"), str(CHECKOUT)]
    subprocess.run([sys.executable, *build], check=True, capture_output=True)
    (wheel,) = (folder / "dist").glob("*.whl")
    install = ["-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder / "site"), str(wheel)]
    subprocess.run([sys.executable, *install], check=True, capture_output=True)
    return folder / "site"


def run(site: Path, folder: Path, *arguments: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QUALITY_PLATFORM_")}
    environment = {**kept, "PYTHONPATH": str(site), "QUALITY_PLATFORM_HOME": str(folder / "home")}
    answer = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        text=True,
        capture_output=True,
        check=False,
        timeout=1800,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


@pytest.mark.timeout(3600)
def test_up_from_a_wheel_in_any_folder(site: Path, tmp_path: Path) -> None:
    where = run(site, tmp_path, "-c", "import quality_platform; print(quality_platform.__file__)")
    assert where.strip() == str(site / "quality_platform" / "__init__.py")
    repository = Repository(tmp_path / "shop")
    repository.commit("First", {"app.py": "def f(a):\n    return a if a else 0\n"})
    run(site, repository.folder, "-m", "quality_platform", "up", "--once")
    rows = run(
        site, repository.folder, "-m", "quality_platform", "sql", "--csv",
        "SELECT project, commit_sha FROM marts.code_quality_by_commit",
    )  # fmt: skip
    assert rows.splitlines()[1:] == [f'"shop","{repository.git("rev-parse", "HEAD")}"']
    assert run(site, tmp_path, "-m", "quality_platform", "init").startswith("Wrote")
