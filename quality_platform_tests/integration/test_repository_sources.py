"""Every kind of place that a repository can be read from, and every way in which that can fail."""

from __future__ import annotations

import base64
import os
import shutil
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from quality_platform.collectors.repository import COLLECTOR, clone
from quality_platform.collectors.repository.git import GitError, run
from quality_platform.errors import SourceError
from quality_platform_tests.data.repositories import PROJECT, Past, Repository, context_for, scan, task_for


@pytest.fixture
def source(tmp_path: Path) -> Repository:
    """Without Python: how a file is analysed matters nowhere here."""
    repository = Repository(tmp_path / "source")
    repository.commit("one", {"a.txt": "one\n"})
    repository.commit("two", {"b.txt": "two\n"})
    return repository


def commits(past: Past) -> list[object]:
    return past.rows("code_commits").column("commit_sha").to_pylist()


def history(repository: Repository, name: str = "HEAD") -> list[str]:
    return repository.git("rev-list", "--reverse", name).split()


def test_a_checkout_by_path_by_url_and_by_home(
    source: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for number, url in enumerate([source.folder, source.folder.as_uri(), "~/source", source.folder / ".git"]):
        past = Past()
        scan(url, past, tmp_path / f"clones{number}")
        assert commits(past) == history(source)


def test_a_bare_repository_and_its_default_branch(source: Repository, tmp_path: Path) -> None:
    source.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare"))
    past = Past()
    [*_, last] = scan(tmp_path / "bare", past, tmp_path / "clones")
    assert commits(past) == history(source)
    assert last.read_from["branch"] == "main"


def test_a_worktree_is_read_at_its_own_branch(source: Repository, tmp_path: Path) -> None:
    source.git("worktree", "add", "--quiet", "-b", "feature/x", str(tmp_path / "tree"), "HEAD~1")
    past = Past()
    [*_, last] = scan(tmp_path / "tree", past, tmp_path / "clones")
    assert commits(past) == history(source, "feature/x") != history(source)
    assert last.read_from["branch"] == "feature/x"


def test_a_detached_head_is_read_where_it_is(source: Repository, tmp_path: Path) -> None:
    source.git("checkout", "--quiet", "--detach", "HEAD~1")
    past = Past()
    [*_, last] = scan(source.folder, past, tmp_path / "clones")
    assert commits(past) == history(source) == history(source, "main")[:1]
    assert last.read_from["branch"] is None


def test_what_is_not_committed_is_not_read(source: Repository, tmp_path: Path) -> None:
    source.write({"a.txt": "changed\n", "new.txt": "new\n"})
    past = Past()
    scan(source.folder, past, tmp_path / "clones")
    assert {row["path"] for row in past.records("code_files")} == {"a.txt", "b.txt"}
    assert "?? new.txt" in source.git("status", "--short")


def test_long_hashes(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "source", "--object-format=sha256")
    sha = repository.commit("one", {"d/a.py": "x = 1\n"})
    past = Past()
    scan(repository.folder, past, tmp_path / "clones")
    assert commits(past) == [sha]
    assert len(sha) == 64
    assert past.rows("code_file_metrics").num_rows == 1


def test_a_repository_may_be_replaced_by_one_with_other_hashes(source: Repository, tmp_path: Path) -> None:
    past = Past()
    scan(source.folder, past, tmp_path / "clones")
    shutil.rmtree(source.folder)
    other = Repository(source.folder, "--object-format=sha256")
    sha = other.commit("one", {"a.txt": "one\n"})
    scan(source.folder, past, tmp_path / "clones")
    assert commits(past)[-1] == sha


def test_a_shallow_clone_is_noted_and_its_edge_counts_no_lines(source: Repository, tmp_path: Path) -> None:
    edge = source.commit("three", {"c.txt": "3\n"})
    head = source.commit("four", {"d.txt": "4\n"})
    shallow = tmp_path / "shallow"
    source.git("clone", "--quiet", "--depth=2", source.folder.as_uri(), str(shallow))
    past = Past()
    [*_, last] = scan(shallow, past, tmp_path / "clones")
    assert last.read_from["shallow"] is True
    assert commits(past) == [edge, head]
    assert {row["commit_sha"] for row in past.records("code_changes")} == {head}

    # completed later, it is read as a whole when there is something new
    added = source.commit("five", {"e.txt": "5\n"})
    source.bytes("-C", str(shallow), "fetch", "--quiet", "--unshallow")
    source.bytes("-C", str(shallow), "merge", "--quiet", "--ff-only", "origin/main")
    [*_, last] = scan(shallow, past, tmp_path / "clones")
    assert last.read_from["shallow"] is False
    assert set(commits(past)) == set(history(source))
    assert added in commits(past)


def test_a_shallow_clone_may_stay_shallow(source: Repository, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    source.git("clone", "--quiet", "--depth=1", source.folder.as_uri(), str(shallow))
    past = Past()
    scan(shallow, past, tmp_path / "clones")
    added = source.commit("three", {"e.txt": "5\n"})
    source.bytes("-C", str(shallow), "fetch", "--quiet", "--depth=1")
    source.bytes("-C", str(shallow), "reset", "--quiet", "--hard", "origin/main")
    [*_, last] = scan(shallow, past, tmp_path / "clones")
    assert last.read_from["shallow"] is True
    assert commits(past)[-1] == added


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_a_repository_of_somebody_else(source: Repository, tmp_path: Path) -> None:
    expected = history(source)
    for path in (source.folder, *source.folder.rglob("*")):
        os.lchown(path, 12345, 12345)
    past = Past()
    scan(source.folder, past, tmp_path / "clones")
    assert commits(past) == expected


class Guarded(SimpleHTTPRequestHandler):
    """Files of a folder, for those who know the password. Keeps the headers that it was sent."""

    seen: list[str]

    def do_GET(self) -> None:
        self.seen.append(self.headers.get("Authorization", ""))
        if self.headers.get("Authorization") == "Basic " + base64.b64encode(b"me:p@ss word").decode():
            super().do_GET()
        else:
            self.send_error(401)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server(source: Repository, tmp_path: Path) -> Iterator[ThreadingHTTPServer]:
    """git's simplest protocol: a bare repository as plain files."""
    served = tmp_path / "served"
    source.git("clone", "--quiet", "--bare", ".", str(served / "demo.git"))
    source.git("--git-dir", str(served / "demo.git"), "update-server-info")
    handler = type("Handler", (Guarded,), {"seen": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(served))) as http:
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield http
        http.shutdown()
        thread.join()


def test_a_url_with_a_password(source: Repository, server: ThreadingHTTPServer, tmp_path: Path) -> None:
    past = Past()
    url = f"http://me:p%40ss%20word@127.0.0.1:{server.server_port}/demo.git"
    batches = scan(url, past, tmp_path / "clones")
    assert commits(past) == history(source)
    assert batches[-1].read_from["url"] == f"http://127.0.0.1:{server.server_port}/demo.git"
    assert batches[-1].read_from["branch"] == "main"
    assert scan(url, past, tmp_path / "clones") == []
    written = b"".join(path.read_bytes() for path in (tmp_path / "clones").rglob("*") if path.is_file())
    assert b"p@ss" not in written
    assert b"p%40ss" not in written


def test_a_wrong_password_is_named_and_not_repeated(server: ThreadingHTTPServer, tmp_path: Path) -> None:
    url = f"http://me:wrong-one@127.0.0.1:{server.server_port}/demo.git"
    with pytest.raises(SourceError, match="does not let us in") as caught:
        scan(url, Past(), tmp_path / "clones")
    assert "wrong-one" not in str(caught.value)
    assert caught.value.hint is not None


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("https://127.0.0.1:1/demo.git", "cannot be reached"),
        ("https://host.invalid/demo.git", "cannot be reached"),
        ("ssh://git@127.0.0.1:1/demo.git", "cannot be reached"),
        ("/nowhere/at/all", "does not exist"),
        ("ext::sh -c whoami", "does not exist"),
    ],
)
def test_a_place_that_is_not_there(url: str, sentence: str, tmp_path: Path) -> None:
    if url.startswith("ssh") and shutil.which("ssh") is None:
        pytest.skip("no ssh here")
    context = context_for(Past(), tmp_path / "clones")
    for ask in (COLLECTOR.changed, lambda task, context: list(COLLECTOR.collect(task, context))):
        with pytest.raises(SourceError, match=sentence) as caught:
            ask(task_for(url), context)
        assert caught.value.hint is not None
    assert not (tmp_path / "clones").exists()


def test_a_folder_that_is_no_repository_does_not_lead_to_one_around_it(source: Repository, tmp_path: Path) -> None:
    inside = source.folder / "folder"
    inside.mkdir()
    for url in (inside, tmp_path):
        with pytest.raises(SourceError, match="is no git repository"):
            scan(url, Past(), tmp_path / "clones")
    (tmp_path / "file").write_text("x")
    with pytest.raises(SourceError, match="is no folder"):
        scan(tmp_path / "file", Past(), tmp_path / "clones")


def test_a_clone_that_was_half_made_is_made_anew(source: Repository, tmp_path: Path) -> None:
    clones = tmp_path / "clones"
    draft = clones / f"{PROJECT}.git.partial"
    (draft / "objects").mkdir(parents=True)
    (draft / "HEAD").write_text("nonsense")
    past = Past()
    scan(source.folder, past, clones)
    assert commits(past) == history(source)
    assert not draft.exists()


@pytest.mark.parametrize("damage", ["empty", "no objects", "lock left", "no branch", "truncated pack"])
def test_a_clone_that_was_damaged_is_made_anew(source: Repository, tmp_path: Path, damage: str) -> None:
    clones = tmp_path / "clones"
    kept = clones / f"{PROJECT}.git"
    past = Past()
    scan(source.folder, past, clones)
    added = source.commit("three", {"c.txt": "3\n"})
    if damage == "empty":
        shutil.rmtree(kept)
        kept.mkdir()
    elif damage == "no objects":
        shutil.rmtree(kept / "objects")
        (kept / "objects").mkdir()
    elif damage == "lock left":
        (kept / "refs" / "heads" / f"{clone.BRANCH}.lock").touch()
    elif damage == "no branch":
        (kept / "refs" / "heads" / clone.BRANCH).write_text("")
    else:
        for path in (kept / "objects").rglob("*"):
            if path.is_file():
                path.chmod(0o600)
                path.write_bytes(path.read_bytes()[:20])
    scan(source.folder, past, clones)
    assert commits(past)[-1] == added
    assert scan(source.folder, past, clones) == []


@pytest.mark.parametrize("lost_one", ["HEAD", "HEAD^{tree}", "HEAD:c.py"])
def test_objects_lost_from_the_clone_are_fetched_again(
    source: Repository, tmp_path: Path, lost_one: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # as that of a repository on another machine, whose objects are copied
    monkeypatch.setattr(clone, "_share", lambda *_: None)
    clones = tmp_path / "clones"
    source.commit("three", {"c.py": "z = 3\n"})
    scan(source.folder, Past(), clones)
    # the branch is right, so nothing is fetched; only reading finds out
    blob = source.git("rev-parse", lost_one)
    lost = clones / f"{PROJECT}.git" / "objects" / blob[:2] / blob[2:]
    lost.chmod(0o600)
    lost.unlink()
    past = Past()
    scan(source.folder, past, clones)
    assert commits(past) == history(source)
    assert past.rows("code_file_metrics").num_rows == 1


def test_what_a_source_on_this_machine_throws_away_is_not_missed(source: Repository, tmp_path: Path) -> None:
    clones, past = tmp_path / "clones", Past()
    scan(source.folder, past, clones)
    assert not list((clones / f"{PROJECT}.git" / "objects").glob("[0-9a-f][0-9a-f]/*"))
    source.write({"a.py": "amended = 1\n"})
    source.git("add", "--all")
    source.git("commit", "--quiet", "--amend", "--message", "amended")
    source.git("reflog", "expire", "--expire=now", "--all")
    source.git("gc", "--quiet", "--prune=now")
    scan(source.folder, past, clones)
    assert commits(past)[-1] == source.git("rev-parse", "HEAD")
    assert scan(source.folder, past, clones) == []


def test_the_clone_stays_small_and_bare(source: Repository, tmp_path: Path) -> None:
    source.git("tag", "v1")
    source.git("branch", "other")
    scan(source.folder, Past(), tmp_path / "clones")
    kept = tmp_path / "clones" / f"{PROJECT}.git"
    assert source.git("--git-dir", str(kept), "for-each-ref", "--format=%(refname)").split() == [clone.REF]
    assert not (kept / "hooks").exists()
    assert not (kept / "index").exists()
    assert "source" not in (kept / "config").read_text()


def aliases(command: str) -> dict[str, str]:
    return {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "alias.x", "GIT_CONFIG_VALUE_0": f"!{command}"}


def test_what_the_other_side_says_cannot_move_the_cursor(tmp_path: Path) -> None:
    talk = r"printf 'warning: y\nfatal: \033[2Jgone.\nmore' >&2; exit 1"
    with pytest.raises(GitError) as caught:
        run("x", folder=tmp_path, environment=aliases(talk))
    assert str(caught.value) == "git x failed: fatal:  [2Jgone"


def test_git_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    with pytest.raises(GitError, match=r"no answer within 0\.2 seconds"):
        # the child holds the output open: only when it ends, too, is there anything to go on with
        run("x", folder=tmp_path, seconds=0.2, environment=aliases("sleep 60 & sleep 60"))
