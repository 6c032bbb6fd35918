"""The verbs of the command line, as Typer built them: usage, help, arguments and options, example.

Does not belong here: running them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import typer

from quality_platform.cli.main import app


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb. `example` is empty for a verb that only has verbs below it."""

    name: str
    usage: str
    help: str
    parameters: tuple[tuple[str, str], ...]
    example: str

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Arguments and options, set as code."""
        return [(f"`{name}`", meaning) for name, meaning in self.parameters]


def verbs() -> tuple[Verb, ...]:
    """All verbs in the order of `--help`, each followed by the verbs below it."""
    group = typer.main.get_command(app)
    return tuple(_below(group, "quality-platform"))


def _below(group: Any, prefix: str) -> Iterator[Verb]:
    for name, command in group.commands.items():
        path = f"{prefix} {name}"
        yield _verb(command, path)
        if hasattr(command, "commands"):
            yield from _below(command, path)


def _verb(command: Any, path: str) -> Verb:
    context = command.make_context(path, [], resilient_parsing=True)
    records = (parameter.get_help_record(context) for parameter in command.get_params(context))
    return Verb(
        name=path.removeprefix("quality-platform "),
        usage=" ".join((path, *command.collect_usage_pieces(context))),
        help=" ".join((command.help or "").split()),
        parameters=tuple(record for record in records if record is not None and record[0] != "--help"),
        example=(command.epilog or "").removeprefix("Example: ").strip("`"),
    )
