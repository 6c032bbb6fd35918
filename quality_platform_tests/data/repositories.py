"""Git repositories made for tests, and a scan of one without a lake.

Belongs here: building history, and keeping what a scan yields. Does not belong here: a case (the test states it).
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from quality_platform.collectors.contract import Context, Task
from quality_platform.collectors.repository import COLLECTOR
from quality_platform.collectors.repository.collect import collect
from quality_platform.collectors.repository.limits import Limits
from quality_platform.model.batch import ANY, Batch
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.tables import RAW_TABLES

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
PROJECT = "demo"
SECRET = b"a secret of the tests"
START = 1_700_000_000
SNIPPETS = (
    "def f(a):\n    if a:\n        return 1\n    return [b for b in a if b]\n",
    "class C:\n  '''Doc\n  string.'''\n  def m(self):\n    try:\n      assert self\n    except ValueError: pass\n",
    "import pickle  # comment\n\nx = pickle.loads(b'')\n",
    "x = 1 + 2 * 3\ny = x and x or not x\n",
    "# nothing\n",
    "",
)


class Repository:
    """A repository in `folder`; every commit is a minute after the one before."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.clock = START
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main", *options)

    def git(self, *arguments: str, feed: bytes = b"", **variables: str) -> str:
        return self.bytes(*arguments, feed=feed, **variables).decode().strip()

    def bytes(self, *arguments: str, feed: bytes = b"", **variables: str) -> bytes:
        moment = f"{self.clock} +0000"
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": "Ada",
            "GIT_AUTHOR_EMAIL": "ada@example.org",
            "GIT_COMMITTER_NAME": "Ada",
            "GIT_COMMITTER_EMAIL": "ada@example.org",
            "GIT_AUTHOR_DATE": moment,
            "GIT_COMMITTER_DATE": moment,
            **variables,
        }
        command = ["git", "-c", "protocol.file.allow=always", *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=environment, input=feed, capture_output=True, check=True
        ).stdout

    def write(self, files: Mapping[str, str | bytes | None]) -> None:
        """Put files into the checkout; None deletes one."""
        for name, content in files.items():
            path = self.folder / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, message: str, files: Mapping[str, str | bytes | None], **variables: str) -> str:
        """A commit of the checkout with `files` changed; its hash."""
        self.write(files)
        self.git("add", "--all")
        return self.snapshot(message, **variables)

    def snapshot(self, message: str, **variables: str) -> str:
        """A commit of what is in the index; its hash."""
        self.clock += 60
        self.git("commit", "--quiet", "--allow-empty", "--message", message, **variables)
        return self.git("rev-parse", "HEAD")

    def merge(self, *branches: str) -> str:
        """A merge commit; its hash."""
        self.clock += 60
        self.git("merge", "--quiet", "--no-ff", "--no-edit", *branches)
        return self.git("rev-parse", "HEAD")

    def python_files(self, commit: str) -> dict[str, bytes]:
        """Content of each regular file that ends with .py, by git's own porcelain."""
        found = {}
        for entry in self.bytes("ls-tree", "-r", "-z", commit).split(b"\0")[:-1]:
            head, path = entry.split(b"\t", 1)
            mode, _, blob = head.decode().split()
            if mode.startswith("100") and path.endswith(b".py"):
                found[path.decode("utf-8", "replace")] = self.bytes("cat-file", "blob", blob)
        return found


@dataclass
class Past:
    """What was stored, as the lake would answer: each batch once, `read_from` as JSON."""

    batches: list[Batch] = field(default_factory=list)

    def store(self, batch: Batch) -> None:
        for name, rows in batch.tables.items():
            assert rows.schema.equals(RAW_TABLES[name].schema), name
        if batch.batch_id not in {known.batch_id for known in self.batches}:
            self.batches.append(batch)

    def cursor(self, source_id: str) -> Mapping[str, object] | None:
        newest = [batch for batch in self.batches if batch.source.source_id == source_id][-1:]
        return json.loads(json.dumps(dict(newest[0].read_from))) if newest else None

    def known(self, table: str, column: str, project: str, where: Mapping[str, str] = ANY) -> frozenset[str]:
        rows = self.records(table)
        return frozenset(str(row[column]) for row in rows if all(row[key] == value for key, value in where.items()))

    def rows(self, table: str) -> pa.Table:
        parts = [batch.tables[table] for batch in self.batches if table in batch.tables]
        return pa.concat_tables(parts) if parts else RAW_TABLES[table].schema.empty_table()

    def records(self, table: str) -> list[dict[str, object]]:
        return self.rows(table).to_pylist()


def task_for(url: Path | str, history: int | None = None) -> Task:
    """The task of one project whose repository is at `url`."""
    project = {"id": PROJECT, "repository": {"url": str(url), "history": history}}
    [task] = COLLECTOR.find(QualityConfig.model_validate({"projects": [project]}))
    return task


def context_for(past: Past, scratch: Path, **changes: object) -> Context:
    """A context with everything fixed but `changes`."""
    return Context(**{"history": past, "now": NOW, "secret": SECRET, "scratch": scratch, "workers": 1, **changes})  # type: ignore[arg-type]


def scan(
    url: Path | str, past: Past, scratch: Path, *, history: int | None = None, limits: Limits | None = None
) -> list[Batch]:
    """Scan once and store what comes; the batches."""
    batches = []
    for batch in batches_of(url, past, scratch, history=history, limits=limits):
        past.store(batch)
        batches.append(batch)
    return batches


def batches_of(
    url: Path | str, past: Past, scratch: Path, *, history: int | None = None, limits: Limits | None = None
) -> Iterator[Batch]:
    """A scan that stores nothing by itself."""
    return collect(task_for(url, history), context_for(past, scratch), limits)
