from __future__ import annotations

import hashlib
import zlib
from pathlib import Path

import pytest

from quality_platform.collectors.repository.files import Listing
from quality_platform.collectors.repository.git import Clone
from quality_platform.collectors.repository.trees import DEPTH_LIMIT, Folder, Trees, parsed
from quality_platform_tests.data.repositories import Repository

OID = "0123456789abcdef0123456789abcdef01234567"


def entry(mode: str, name: bytes, oid: str = OID) -> bytes:
    return mode.encode() + b" " + name + b"\0" + bytes.fromhex(oid)


@pytest.mark.parametrize(
    ("content", "folder"),
    [
        (b"", Folder()),
        (entry("100644", b"a") + entry("100755", b"b"), Folder(files=((b"a", OID), (b"b", OID)))),
        (entry("100664", b"old"), Folder(files=((b"old", OID),))),
        (entry("40000", b"d") + entry("040000", b"e"), Folder(folders=((b"d", OID), (b"e", OID)))),
        (entry("120000", b"link") + entry("160000", b"module"), Folder(skipped=2)),
        (entry("100644", b"twice") * 2, Folder(files=((b"twice", OID),))),
        (entry("100644", b"a b\n\xff"), Folder(files=((b"a b\n\xff", OID),))),
        (entry("100644", b"a")[:-1], None),
        (b"100644 a", None),
        (b"no mode\0" + bytes(20), None),
        (entry("100644", b"a") + b"rest", None),
    ],
)
def test_a_tree_object_is_read_byte_for_byte(content: bytes, folder: Folder | None) -> None:
    assert parsed(content, 20) == folder


def test_hashes_may_be_longer() -> None:
    oid = OID + OID[:24]
    assert parsed(entry("100644", b"a", oid), 32) == Folder(files=((b"a", oid),))


def loose(objects: Path, content: bytes) -> str:
    """Write a tree that git itself might refuse to make; its hash."""
    whole = b"tree %d\0" % len(content) + content
    oid = hashlib.sha1(whole).hexdigest()
    path = objects / oid[:2] / oid[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(zlib.compress(whole))
    return oid


def trees_of(tmp_path: Path, levels: list[list[tuple[str, bytes, int]]], limit: int) -> tuple[Trees, str]:
    """Trees from the bottom up; each entry is a mode, a name and the level of the tree below (-1: a blob)."""
    repository = Repository(tmp_path / "source")
    blob = repository.git("hash-object", "-w", "--stdin", feed=b"x = 1\n")
    oids: list[str] = []
    for level in levels:
        content = b"".join(entry(mode, name, blob if below < 0 else oids[below]) for mode, name, below in level)
        oids.append(loose(repository.folder / ".git" / "objects", content))
    trees = Trees(Clone(tmp_path / "source" / ".git", ""), limit)
    trees.read([oids[-1]])
    return trees, oids[-1]


def test_a_bomb_of_folders_is_counted_not_written_out(tmp_path: Path) -> None:
    bottom = [("100644", b"f%d" % number, -1) for number in range(10)]
    levels = [bottom, *([("40000", b"d%d" % number, level) for number in range(10)] for level in range(12))]
    trees, root = trees_of(tmp_path, levels, limit=1000)
    assert "11,111,111,111,110 files and folders; at most 1,000" in str(trees.problem(root))


def test_folders_without_files_count_too(tmp_path: Path) -> None:
    levels = [[], *([("40000", b"d%d" % number, level) for number in range(10)] for level in range(4))]
    trees, root = trees_of(tmp_path, levels, limit=1000)
    assert "11,110 files and folders" in str(trees.problem(root))


def test_a_very_deep_folder_is_refused(tmp_path: Path) -> None:
    levels = [[("100644", b"f", -1)], *([("40000", b"d", level)] for level in range(DEPTH_LIMIT + 5))]
    trees, root = trees_of(tmp_path, levels, limit=1000)
    assert f"more than {DEPTH_LIMIT} deep" in str(trees.problem(root))


def test_names_that_are_no_names_are_refused_and_the_rest_is_kept(tmp_path: Path) -> None:
    inner = [("100644", b"good.py", -1), ("100644", b"..", -1), ("100644", b"a/b.py", -1), ("120000", b"l", -1)]
    trees, root = trees_of(tmp_path, [inner, [("40000", b"d", 0), ("40000", b".", 0)]], limit=100)
    listing = Listing(trees)
    assert listing.files(root).keys() == {"d/good.py"}
    assert {item.position for item in listing.refused.values()} == {"d/..", "d/a/b.py", "."}
    assert trees.skipped(root) == 2
    assert trees.problem(root) is None


def test_a_path_may_have_4096_characters(tmp_path: Path) -> None:
    levels = [[("100644", b"n" * 200, -1), ("100644", b"n" * 201, -1)]]
    levels += [[("40000", b"d" * 242, level)] for level in range(15)]
    levels += [[("40000", b"d" * 250, 15)]]  # 15 * 243 + 251 + 200 = 4096
    trees, root = trees_of(tmp_path, levels, limit=100)
    listing = Listing(trees)
    [path] = listing.files(root)
    assert len(path) == 4096
    [refused] = listing.refused.values()
    assert "longer than 4096" in refused.reason


def test_a_file_and_a_folder_of_many_commits_are_numbered_once(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "source")
    commits = []
    for number in range(3):
        sha = repository.commit(str(number), {"same/a.py": "1\n", "same/b.txt": "2\n", "other.py": f"{number}\n"})
        commits.append((sha, repository.git("rev-parse", f"{sha}^{{tree}}")))
    trees = Trees(Clone(tmp_path / "source" / ".git", ""), 100)
    trees.read([tree for _, tree in commits])
    listing = Listing(trees)
    rows = listing.rows(commits).to_pylist()
    listed = [
        (sha, line.split("\t")) for sha, _ in commits for line in repository.git("ls-tree", "-r", sha).splitlines()
    ]
    expected = [(sha, path, entry.split()[2]) for sha, (entry, path) in listed]
    assert sorted((row["commit_sha"], row["path"], row["blob_id"]) for row in rows) == sorted(expected)
    assert {row["path"]: row["language"] for row in rows} == {
        "same/a.py": "python",
        "same/b.txt": "text",
        "other.py": "python",
    }
    assert len(listing.paths.texts) == 3
    sources = listing.sources([tree for _, tree in commits])
    # "2\n" is a text in same/b.txt and Python in other.py
    assert list(sources.values()) == ["python"] * 3  # "1\n" stands in both same/a.py and other.py
    assert listing.rows([]).num_rows == 0
