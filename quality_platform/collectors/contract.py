"""What a collector is: finds its sources in the configuration and turns one into batches.

Belongs here: the types that every collector shares. Does not belong here: a particular source (its own
module) or the writing of batches (`ingestion/`). Collectors keep no memory of their own: where to go on is
the `read_from` of the source's newest batch, which the lake stores in the same transaction as the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel

from quality_platform.model.batch import Batch, History, Source
from quality_platform.model.configuration import QualityConfig

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done, how much there is (0 when unknown)."""


def silent(what: str, done: int, total: int) -> None:
    """A `Progress` that tells nobody."""


@dataclass(frozen=True, slots=True)
class Task:
    """A source and its section of the configuration."""

    source: Source
    options: BaseModel


@dataclass(frozen=True, slots=True)
class Context:
    """What a collector is given: the past, the time, the key for hashes, room, and how to report progress."""

    history: History
    now: datetime
    secret: bytes
    scratch: Path
    workers: int = 1
    default_history: int = 50
    progress: Progress = silent


@dataclass(frozen=True, slots=True)
class Collector:
    """A registry entry.

    `find` lists the sources that a configuration names; `changed` tells cheaply whether one has something
    new (it is asked every few seconds); `collect` reads it and yields batches in the order to store them; `fetch`,
    where there is something far to bring near, does so without asking what is stored.
    """

    name: str
    version: str
    title: str
    description: str
    tables: tuple[str, ...]
    find: Callable[[QualityConfig], tuple[Task, ...]]
    changed: Callable[[Task, Context], bool]
    collect: Callable[[Task, Context], Iterator[Batch]]
    fetch: Callable[[Task, Context], None] | None = None
