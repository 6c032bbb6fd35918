"""Whole scans of real repositories, held against radon and git themselves."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pyarrow.compute as pc
import pytest
from radon.metrics import h_visit, mi_visit
from radon.raw import analyze
from radon.visitors import ComplexityVisitor

from quality_platform.analysis import tools
from quality_platform.analysis.tools import Wanted
from quality_platform.collectors.pseudonym import pseudonym
from quality_platform.collectors.repository import COLLECTOR
from quality_platform.collectors.repository.cursor import digest_of
from quality_platform.collectors.repository.limits import Limits
from quality_platform.ingestion.validation import checked
from quality_platform.model.tables import RAW_TABLES
from quality_platform_tests.data.repositories import (
    NOW,
    PROJECT,
    SECRET,
    SNIPPETS,
    START,
    Past,
    Repository,
    batches_of,
    context_for,
    scan,
    task_for,
)

SMALL = Limits(batch_files=3, batch_commits=2)
PYTHON_2 = "print 'hello'\n# old\nx = 0\n"
KEYS = {name: table.key[1:] for name, table in RAW_TABLES.items()}


def grow(repository: Repository, seed: int, commits: int = 8) -> None:
    """A random history with branches, merges, renames and deletions."""
    choice = random.Random(seed)
    names = [f"{folder}{name}.py" for folder in ("", "src/", "src/deep/er/") for name in "abc"]
    repository.commit("first", {"src/a.py": SNIPPETS[0], "README.md": "hello\n"})
    for number in range(commits):
        kind = choice.choice(("edit", "edit", "edit", "move", "delete", "branch")) if number else "branch"
        present = [name for name in names if (repository.folder / name).exists()]
        if kind == "branch":
            repository.git("checkout", "--quiet", "-b", f"b{number}")
            repository.commit(f"on b{number}", {f"only_{number}.py": choice.choice(SNIPPETS) + f"# {number}\n"})
            repository.git("checkout", "--quiet", "main")
            repository.commit(f"beside b{number}", {"README.md": f"{number}\n"})
            repository.merge(f"b{number}")
        elif kind == "move" and present:
            (repository.folder / "moved").mkdir(exist_ok=True)
            repository.git("mv", choice.choice(present), f"moved/{number}.py")
            repository.snapshot("move")
        elif kind == "delete" and present:
            repository.commit("delete", {choice.choice(present): None})
        else:
            content = "".join(choice.sample(SNIPPETS, 3)) + f"# {number}\n"
            repository.commit("edit", {choice.choice(names): content})


def odd(repository: Repository) -> None:
    """A commit with everything that repositories hold besides plain files."""
    repository.write(
        {
            "grüße/日本.py": SNIPPETS[0],
            "with space and\nbreak.py": SNIPPETS[1],
            "bom.py": b"\xef\xbb\xbf" + SNIPPETS[3].encode(),
            "latin.py": "# coding: latin-1\nx = 'é'\n".encode("latin-1"),
            "crlf.py": SNIPPETS[0].replace("\n", "\r\n"),
            "empty.py": "",
            "old.py": PYTHON_2,
            "broken.py": "def (:\n",
            "nul.py": b"x = 1\0\n",
            "huge.py": "x = 1\n" * 200_000,
            "stub.pyi": "def f(a: int) -> int: ...\n",
            "script.sh": "echo\n",
        }
    )
    (repository.folder / "link.py").symlink_to("/etc/passwd")
    repository.git("add", "--all")
    blob = repository.git("hash-object", "-w", "--stdin", feed=b"y = 2\n")
    # names that no file system here would take
    tree = repository.bytes("mktree", "-z", feed=f"100644 blob {blob}\tcaf".encode() + b"\xe9.py\0").decode().strip()
    repository.git("read-tree", "--prefix=bytes/", tree)
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module.py")
    repository.git("update-index", "--chmod=+x", "script.sh")
    repository.snapshot("odd")


def radon(files: Iterable[bytes]) -> dict[str, float]:
    """Sums over the files that radon can take, from its own entry points."""
    sums: Counter[str] = Counter()
    for content in files:
        text = content.decode("utf-8-sig", "replace").replace("\r\n", "\n")
        raw = analyze(text)
        complexity = ComplexityVisitor.from_code(text).total_complexity
        sums.update(
            files=1,
            lines_of_code=raw.loc,
            source_lines=raw.sloc,
            logical_lines=raw.lloc,
            comment_lines=raw.comments,
            cyclomatic_complexity=complexity,
            halstead_volume=h_visit(text).total.volume,
            maintainability_index=mi_visit(text, multi=True),
        )
    return dict(sums)


def stored(past: Past, commit: str, names: Iterable[str]) -> dict[str, float]:
    """The same sums from what was stored, by the join that the marts make."""
    metrics = {row["blob_id"]: row for row in past.records("code_file_metrics")}
    rows = past.rows("code_files").filter(pc.field("commit_sha") == commit).to_pylist()
    python = [metrics[row["blob_id"]] for row in rows if row["language"] == "python" and row["path"].endswith(".py")]
    return {"files": len(python), **{name: sum(row[name] or 0 for row in python) for name in names}}


@pytest.mark.parametrize("seed", range(3))
def test_every_commit_has_radons_numbers(tmp_path: Path, seed: int) -> None:
    repository = Repository(tmp_path / "source")
    grow(repository, seed)
    past = Past()
    scan(repository.folder, past, tmp_path / "clones")
    commits = repository.git("rev-list", "HEAD").split()
    assert set(past.known("code_commits", "commit_sha", PROJECT)) == set(commits)
    for commit in commits:
        expected = radon(repository.python_files(commit).values())
        found = stored(past, commit, [name for name in expected if name != "files"])
        assert found == pytest.approx(expected), commit


def test_odd_files_are_neither_lost_nor_followed(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "source")
    repository.commit("first", {"a.py": SNIPPETS[0]})
    odd(repository)
    past = Past()
    batches = scan(repository.folder, past, tmp_path / "clones")
    head = repository.git("rev-parse", "HEAD")
    files = {row["path"]: row for row in past.records("code_files") if row["commit_sha"] == head}
    entries = [entry.split(b"\t", 1) for entry in repository.bytes("ls-tree", "-r", "-z", head).split(b"\0")[:-1]]
    regular = [path for mode, path in entries if mode.startswith(b"100")]
    assert len(files) == len(regular) == len(entries) - 2
    assert {'"bytes/caf\\351.py"', "grüße/日本.py", "with space and\nbreak.py"} <= files.keys()
    assert {"link.py", "module.py"}.isdisjoint(files)
    assert batches[-1].read_from["skipped_links"] == 2
    assert files["script.sh"]["language"] == "shell"

    metrics = {row["blob_id"]: row for row in past.records("code_file_metrics")}
    by_path = {path: metrics[row["blob_id"]] for path, row in files.items() if row["language"] == "python"}
    reasons = {path: row["reason"] for path, row in by_path.items() if not row["analysed"]}
    assert reasons.keys() == {"broken.py", "nul.py", "huge.py"}
    assert by_path["old.py"]["parser"] == "tree-sitter"
    assert "1,200,000 bytes" in reasons["huge.py"]
    assert by_path["huge.py"]["bytes"] == 1_200_000
    assert by_path["old.py"]["lines_of_code"] == 3
    assert by_path["bom.py"]["logical_lines"] == 2
    assert by_path["crlf.py"]["lines_of_code"] == 4
    problems = {(row["blob_id"], row["rule"]) for row in past.records("code_findings") if row["category"] == "error"}
    assert problems == {
        (by_path[path]["blob_id"], "too_large" if path == "huge.py" else "unparseable") for path in (*reasons, "old.py")
    } | {(by_path[path]["blob_id"], "invalid-syntax") for path in ("old.py", "broken.py", "nul.py")}
    assert [checked(batch).rejected for batch in batches] == [()] * len(batches)


def test_commits_are_told_as_git_tells_them(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "source")
    grow(repository, seed=7)
    lying = {"GIT_AUTHOR_DATE": "@0 +0000", "GIT_COMMITTER_DATE": "@4000000000 +0000"}
    repository.commit(
        "über " + "x" * 2000 + "\n\nbody", {"z.py": "z = 1\n"}, GIT_AUTHOR_EMAIL="Bob@Old.example", **lying
    )
    repository.commit("mailmap", {".mailmap": "Robert <bob@new.example> <bob@old.example>\n"})
    past = Past()
    scan(repository.folder, past, tmp_path / "clones")
    rows = past.records("code_commits")

    assert [row["commit_sha"] for row in rows] == repository.git(
        "rev-list", "--topo-order", "--reverse", "HEAD"
    ).split()
    assert [row["position"] for row in rows] == list(range(1, len(rows) + 1))
    main = set(repository.git("rev-list", "--first-parent", "HEAD").split())
    assert {row["commit_sha"] for row in rows if row["on_main"]} == main
    assert any(not row["on_main"] for row in rows)
    for row in rows:
        described = repository.git("show", "--no-patch", "--format=%T %P", row["commit_sha"]).split(" ")
        assert [row["tree_sha"], *row["parents"]] == described

    first, liar = rows[0], rows[-2]
    assert first["author"] == "Ada"
    assert first["author_key"] == pseudonym(SECRET, PROJECT, "ada@example.org")
    assert first["committed_at"].timestamp() == START + 60
    assert (liar["author"], liar["author_key"]) == ("Robert", pseudonym(SECRET, PROJECT, "bob@new.example"))
    assert liar["authored_at"].timestamp() == 0
    assert liar["committed_at"] == NOW
    assert liar["subject"] == "über " + "x" * 995
    assert "example" not in repr([row["author_key"] for row in rows])


def test_changes_are_against_the_first_parent(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "source")
    grow(repository, seed=7)
    repository.commit("binary", {"image.bin": bytes(range(256)), "image.py": "x = 1\n"})
    past = Past()
    scan(repository.folder, past, tmp_path / "clones")
    found: dict[str, set[tuple[object, ...]]] = {row["commit_sha"]: set() for row in past.records("code_commits")}
    for row in past.records("code_changes"):
        found[row["commit_sha"]].add((row["path"], row["lines_added"], row["lines_removed"]))
    for commit, changes in found.items():
        shown = repository.bytes(
            *("show", "--format=", "--numstat", "-z", "--no-renames", "--diff-merges=first-parent", commit)
        )
        expected = set()
        for entry in shown.split(b"\0")[:-1]:
            added, removed, path = entry.decode().split("\t")
            expected.add((path, *(None if count == "-" else int(count) for count in (added, removed))))
        assert changes == expected, commit
    assert ("image.bin", None, None) in {change for changes in found.values() for change in changes}


def test_a_second_scan_finds_nothing_and_a_third_only_what_is_new(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "source")
    grow(repository, seed=1)
    past, clones = Past(), tmp_path / "clones"
    task, context = task_for(repository.folder), context_for(past, clones)
    assert COLLECTOR.changed(task, context)
    scan(repository.folder, past, clones)
    assert not COLLECTOR.changed(task, context)
    assert scan(repository.folder, past, clones) == []

    added = repository.commit("new", {"new.py": "def new(): pass\n"})
    assert COLLECTOR.changed(task, context)
    contents, commits = scan(repository.folder, past, clones)
    assert {name: rows.num_rows for name, rows in contents.tables.items()} == {
        "code_file_metrics": 1,
        "code_functions": 1,
        "code_analyses": 5,
    }
    assert commits.tables["code_commits"].column("commit_sha").to_pylist() == [added]
    assert not COLLECTOR.changed(task, context)


def test_head_may_go_back_and_forth(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "source")
    old = repository.commit("one", {"a.txt": "1\n"})
    new = repository.commit("two", {"a.txt": "2\n"})
    past, clones = Past(), tmp_path / "clones"
    scan(repository.folder, past, clones)
    for number, (target, branch) in enumerate([(old, "main"), (new, "other"), (old, "third"), (new, "fourth")]):
        repository.git("checkout", "--quiet", "-B", branch, target)
        # each look is at another time, as it is in life
        moment = NOW.replace(minute=number)
        context = context_for(past, clones, now=moment)
        assert COLLECTOR.changed(task_for(repository.folder), context)
        [batch] = COLLECTOR.collect(task_for(repository.folder), context)
        past.store(batch)
        assert set(batch.tables) <= {"code_imports", "code_practices"}  # of the tree that HEAD shows again
        assert (batch.read_from["head"], batch.read_from["branch"]) == (target, branch)
        assert not COLLECTOR.changed(task_for(repository.folder), context)


def test_rewritten_history_adds_what_is_new(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "source")
    repository.commit("one", {"a.txt": "1\n"})
    repository.commit("two", {"a.txt": "2\n"})
    past, clones = Past(), tmp_path / "clones"
    scan(repository.folder, past, clones)
    repository.git("reset", "--quiet", "--hard", "HEAD~1")
    amended = repository.commit("another two", {"a.txt": "3\n"})
    scan(repository.folder, past, clones)
    assert past.rows("code_commits").num_rows == 3
    assert past.batches[-1].read_from["head"] == amended


def test_more_history_may_be_asked_for_later(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "source")
    commits = [repository.commit(str(number), {"a.txt": f"{number}\n"}) for number in range(6)]
    past, clones = Past(), tmp_path / "clones"
    scan(repository.folder, past, clones, history=2)
    assert [row["commit_sha"] for row in past.records("code_commits")] == commits[4:]
    assert scan(repository.folder, past, clones, history=1) == []
    scan(repository.folder, past, clones, history=4)
    assert [row["commit_sha"] for row in past.records("code_commits")] == commits[4:] + commits[2:4]
    scan(repository.folder, past, clones, history=1000)
    assert {row["commit_sha"]: row["position"] for row in past.records("code_commits")} == {
        sha: number for number, sha in enumerate(commits, start=1)
    }
    assert scan(repository.folder, past, clones, history=1000) == []


def contents_of(past: Past) -> dict[str, list[str]]:
    return {name: sorted(map(repr, past.records(name))) for name in COLLECTOR.tables}


def test_a_scan_that_is_killed_anywhere_is_taken_up_again(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "source")
    grow(repository, seed=2, commits=6)
    repository.write({"lcov.info": "SF:src/a.py\nDA:1,1\nend_of_record\n"})
    clean = Past()
    total = len(scan(repository.folder, clean, tmp_path / "clones", limits=SMALL))
    kinds = ["code_commits" in batch.tables for batch in clean.batches]
    between = kinds.index(True)
    assert 1 < between < total - 2
    for stop in (1, between, between + 1, total - 1):
        past = Past()
        begun = batches_of(repository.folder, past, tmp_path / "clones", limits=SMALL)
        for _ in range(stop):
            past.store(next(begun))
        begun.close()  # type: ignore[attr-defined]
        assert past.batches == [] or past.batches[-1].read_from["complete"] is False
        scan(repository.folder, past, tmp_path / "clones", limits=SMALL)
        assert contents_of(past) == contents_of(clean)
        assert scan(repository.folder, past, tmp_path / "clones", limits=SMALL) == []


def test_no_row_comes_twice_and_every_reference_is_kept(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "source")
    grow(repository, seed=4)
    past = Past()
    known: set[str] = set()
    for batch in scan(repository.folder, past, tmp_path / "clones", limits=SMALL):
        if "code_file_metrics" in batch.tables:
            known.update(batch.tables["code_file_metrics"].column("blob_id").to_pylist())
        if "code_files" in batch.tables:
            files = batch.tables["code_files"].to_pylist()
            assert {row["blob_id"] for row in files if row["language"] == "python"} <= known
    for name in COLLECTOR.tables:
        keys = [tuple(row[column] for column in KEYS[name]) for row in past.records(name)]
        assert len(keys) == len(set(keys)), name


def test_what_is_read_says_where_it_came_from(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "source")
    head = repository.commit("one", {"a.py": SNIPPETS[0]})
    contents, commits = scan(repository.folder, Past(), tmp_path / "clones")
    assert (contents.read_from["reading"], contents.read_from["blobs"]) == (head, 1)
    assert contents.read_from["head"] is None
    assert [str(text).split(" ")[0] for text in contents.read_from["by"]] == [
        "bandit:",
        "numbers:",
        "ruff:",
        "secrets:",
        "taint:",
    ]  # type: ignore[attr-defined]
    assert commits.read_from == {
        "url": str(repository.folder),
        "head": head,
        "branch": "main",
        "history": 50,
        "complete": True,
        "tools": Wanted(("numbers", "ruff", "bandit", "taint", "secrets", "dependencies", "tree")).versions,
        "tags": digest_of({}),
        "coverage": {},
        "shallow": False,
        "skipped_links": 0,
        "commits": 1,
    }


@pytest.mark.parametrize(("tool", "table"), [("dependencies", "code_dependencies"), ("tree", "code_practices")])
def test_a_new_version_of_who_looks_looks_again(
    tool: str, table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = Repository(tmp_path / "source")
    repository.commit("one", {"a.py": SNIPPETS[0], "requirements.txt": "flask==3.0\n"})
    past = Past()
    first = scan(repository.folder, past, tmp_path / "clones")
    assert scan(repository.folder, past, tmp_path / "clones") == []
    versions = {**tools.OWN_VERSIONS, tool: "99"}
    monkeypatch.setattr(tools, "_version", lambda name, _: f"quality_platform {versions.get(name, 1)}")
    again = scan(repository.folder, past, tmp_path / "clones")
    assert table in {name for batch in again for name in batch.tables}
    assert not {batch.batch_id for batch in again} & {batch.batch_id for batch in first}
    assert scan(repository.folder, past, tmp_path / "clones") == []


def test_progress_is_told(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "source")
    repository.commit("one", {"a.py": SNIPPETS[0], "b.py": SNIPPETS[1]})
    told: list[tuple[str, int, int]] = []
    context = context_for(Past(), tmp_path / "clones", progress=lambda *what: told.append(what))
    list(COLLECTOR.collect(task_for(repository.folder), context))
    assert ("analysing files", 1, 2) in told
    assert ("analysing files", 2, 2) in told
