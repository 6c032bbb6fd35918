"""From the paths of a configuration to the files that exist: one source per file.

Belongs here: globs and which of their matches are sources. Does not belong here: reading (`following.py`).
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from quality_platform.collectors.contract import Task
from quality_platform.collectors.tail.rotation import rotation_bases
from quality_platform.errors import ConfigurationError
from quality_platform.model.batch import Source
from quality_platform.model.configuration import (
    EventSource,
    LogSource,
    ProjectConfig,
    QualityConfig,
    ReviewSource,
    SarifSource,
)  # fmt: skip
from quality_platform.model.live_sources import AccessLogSource

COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".zip", ".lz4")

MATCH_LIMIT = 10_000
"""Files that one path of the configuration may match."""

FileSection = LogSource | EventSource | AccessLogSource | SarifSource | ReviewSource


def file_tasks(
    config: QualityConfig, kind: str, title: str, sections: Callable[[ProjectConfig], Sequence[FileSection]]
) -> tuple[Task, ...]:
    """One task per file that the active projects name. Raises ConfigurationError when a glob matches too much."""
    tasks: list[Task] = []
    for project in config.projects:
        if project.status == "active":
            tasks += _project_tasks(project.id, kind, title, sections(project))
    return tuple(tasks)


def path_of(task: Task) -> str:
    """The file of a task made by `file_tasks`."""
    return task.source.source_id.split(":", 2)[2]


def _project_tasks(project: str, kind: str, title: str, sections: Sequence[FileSection]) -> Iterator[Task]:
    seen: set[str] = set()
    for section in sections:
        for path in _files(section.paths):
            if path not in seen:
                seen.add(path)
                yield Task(Source(f"{kind}:{project}:{path}", kind, project, f"{title} {path}"), section)


def _files(patterns: Iterable[str]) -> list[str]:
    matches = sorted({path for pattern in patterns for path in _matches(pattern)})
    return _without_links_to_each_other(_without_rotations(matches))


def _matches(pattern: str) -> list[str]:
    absolute = os.path.abspath(Path(pattern).expanduser())  # noqa: PTH100 - resolve() would follow links
    if not glob.has_magic(absolute):
        return [absolute] if _is_there(absolute) else []
    found = list(islice(glob.iglob(absolute, recursive=True), MATCH_LIMIT + 1))  # noqa: PTH207 - ** follows links
    if len(found) > MATCH_LIMIT:
        raise ConfigurationError(
            f"The path {pattern} matches more than {MATCH_LIMIT} files.", hint="Name a narrower pattern."
        )
    return [path for path in found if _is_source(path)]


def _is_there(path: str) -> bool:
    """Whether there is anything; what we may not look at is there, and its reading will say so."""
    try:
        Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _is_source(path: str) -> bool:
    """A regular file that is not compressed and whose name the lake can hold."""
    return (
        not path.endswith(COMPRESSED)
        and os.path.isfile(path)  # noqa: PTH113 - Path's raises where we may not look
        and path.isprintable()
        and path.encode("utf-8", "replace").decode() == path
    )


def _without_rotations(paths: list[str]) -> list[str]:
    """Leaves out app.log.1 where app.log is a source: it is read as the past of app.log."""
    known = set(paths)
    return [path for path in paths if known.isdisjoint(_bases(path))]


def _bases(path: str) -> list[str]:
    folder, name = os.path.split(path)
    return [os.path.join(folder, base) for base in rotation_bases(name)]  # noqa: PTH118 - many thousand times


def _without_links_to_each_other(paths: list[str]) -> list[str]:
    """One path per file: the file's own name where it is among them, otherwise the first link."""
    chosen: dict[str, str] = {}
    for path in paths:
        real = os.path.realpath(path)
        if path == real or real not in chosen:
            chosen[real] = path
    return sorted(chosen.values())
