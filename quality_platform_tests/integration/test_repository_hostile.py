"""Repositories that try to run something. Each trap writes a marker; none may ever be there."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from quality_platform.collectors.repository import COLLECTOR
from quality_platform.errors import SourceError
from quality_platform_tests.data.repositories import Past, Repository, context_for, scan, task_for

HOOKS = (
    *("pre-commit", "post-checkout", "post-merge", "reference-transaction", "pre-auto-gc", "post-index-change"),
    *("fsmonitor-watchman", "update", "post-update", "pre-receive", "post-receive", "proc-receive", "pre-push"),
)


class Trap:
    """A program that leaves a marker with its name."""

    def __init__(self, folder: Path) -> None:
        self.markers = folder / "markers"
        self.markers.mkdir(parents=True)
        self.program = folder / "trap"
        self.program.write_text(f'#!/bin/sh\ntouch "{self.markers}/$(basename "$0")-$1-$$"\ncat\nexit 0\n')
        self.program.chmod(0o755)

    @property
    def sprung(self) -> list[str]:
        return sorted(path.name for path in self.markers.iterdir())


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    return Trap(tmp_path / "traps")


@pytest.fixture
def hostile(tmp_path: Path, trap: Trap) -> Repository:
    """A checkout whose configuration names the trap wherever git could run a program."""
    repository = Repository(tmp_path / "hostile")
    attributes = "* filter=evil diff=evil merge=evil\n"
    repository.commit("one", {"a.py": "x = 1\n", ".gitattributes": attributes})
    repository.commit("two", {"a.py": "x = 2\n", "conftest.py": f"open('{trap.markers}/import', 'w')\n"})
    program = str(trap.program)
    for name in (
        *("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "core.gitProxy"),
        *("gpg.program", "gpg.ssh.program", "diff.external", "diff.evil.command", "diff.evil.textconv"),
        *("filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "merge.evil.driver"),
        *("core.alternateRefsCommand", "uploadpack.packObjectsHook", "sequence.editor", "pager.log", "pager.ls-tree"),
        *("credential.helper", "remote.origin.uploadpack", "trailer.x.command", "interactive.diffFilter"),
        *("alias.upload-pack", "alias.log", "alias.cat-file", "alias.ls-remote", "alias.fetch"),
    ):
        value = f"!{program} {name}" if name.startswith(("alias.", "credential.")) else f"{program} {name}"
        repository.git("config", name, value)
    for name, value in (("log.showSignature", "true"), ("core.untrackedCache", "true"), ("diff.evil.binary", "false")):
        repository.git("config", name, value)
    for name in HOOKS:
        hook = repository.folder / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f'#!/bin/sh\nexec "{program}" hook-{name}\n')
        hook.chmod(0o755)
    return repository


def test_the_trap_works(hostile: Repository, trap: Trap) -> None:
    """Else the tests below would show nothing."""
    with suppress(subprocess.TimeoutExpired):  # the trap is no filter: git may wait for its answer for ever
        subprocess.run(
            ["git", "status"], cwd=hostile.folder, capture_output=True, check=False, timeout=20,
            env={"PATH": os.environ["PATH"]},
        )  # fmt: skip
    assert trap.sprung


def test_nothing_that_a_repository_names_is_ever_run(
    hostile: Repository, trap: Trap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the working folder is hostile too: git looks for a repository there, Python for modules
    monkeypatch.chdir(hostile.folder)
    for name in ("radon", "bandit", "hmac", "sitecustomize"):
        (hostile.folder / f"{name}.py").write_text(f"open('{trap.markers}/module-{name}', 'w')\n")
    past = Past()
    context = context_for(past, tmp_path / "clones")
    assert COLLECTOR.changed(task_for(hostile.folder), context)
    scan(hostile.folder, past, tmp_path / "clones")
    head = hostile.git("-c", "core.fsmonitor=false", "rev-parse", "HEAD")
    assert past.batches[-1].read_from["head"] == head
    assert past.rows("code_file_metrics").num_rows == 3
    assert not COLLECTOR.changed(task_for(hostile.folder), context)
    # an update of the clone is another way through git
    tree = hostile.git("rev-parse", "HEAD^{tree}")
    commit = hostile.git("commit-tree", tree, "-p", head, "-m", "three")
    (hostile.folder / ".git" / "refs" / "heads" / "main").write_text(f"{commit}\n")
    trap_before = trap.sprung
    scan(hostile.folder, past, tmp_path / "clones")
    assert past.rows("code_commits").num_rows == 3
    assert trap_before == trap.sprung == []


def test_a_partial_clone_fetches_nothing_by_its_own_means(hostile: Repository, trap: Trap, tmp_path: Path) -> None:
    """A promised object that is missing makes git run what the repository calls its remote's upload-pack."""
    for name, value in (
        ("core.repositoryformatversion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.url", str(tmp_path)),
        ("remote.origin.promisor", "true"),
    ):
        hostile.git("config", name, value)
    blob = hostile.git("-c", "core.fsmonitor=false", "rev-parse", "HEAD:a.py")
    lost = hostile.folder / ".git" / "objects" / blob[:2] / blob[2:]
    lost.unlink()
    before = trap.sprung
    with suppress(SourceError):  # what is not there cannot be read
        scan(hostile.folder, Past(), tmp_path / "clones")
    assert before == trap.sprung == []


def test_an_editors_or_ci_systems_git_variables_lead_nowhere(
    hostile: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Repository(tmp_path / "other")
    sha = other.commit("one", {"a.py": "x = 1\n"})
    monkeypatch.setenv("GIT_DIR", str(hostile.folder / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(hostile.folder))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'core.bare'='true'")
    past = Past()
    scan(other.folder, past, tmp_path / "clones")
    assert past.rows("code_commits").column("commit_sha").to_pylist() == [sha]


def test_names_in_a_commit_cannot_break_out(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "source")
    repository.commit("--upload-pack=x\x1b[31m", {"a.py": "x = 1\n"}, GIT_AUTHOR_NAME="$(touch x)\x1b]0;y\x07")
    repository.git("checkout", "--quiet", "-b", "$(touch${IFS}pwned)")
    past = Past()
    [*_, last] = scan(repository.folder, past, tmp_path / "clones")
    assert last.read_from["branch"] == "$(touch${IFS}pwned)"
    assert not list(tmp_path.rglob("pwned"))


def test_a_link_in_the_place_of_the_repository_is_followed_once(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "source")
    sha = repository.commit("one", {"a.py": "x = 1\n"})
    (tmp_path / "link").symlink_to(repository.folder)
    past = Past()
    [*_, last] = scan(tmp_path / "link", past, tmp_path / "clones")
    assert last.read_from["head"] == sha
    assert last.read_from["url"] == str(repository.folder)
