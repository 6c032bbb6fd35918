"""`rules import-prometheus`: alerting rules that exist already, as rules of ours."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quality_platform.cli import output
from quality_platform.cli.session import Json, begin
from quality_platform.errors import QualityPlatformError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quality_platform.configuration.prometheus_rules import Converted, Refused

EXAMPLE = "quality-platform rules import-prometheus alerts.yml > rules.yaml"
SIZE_LIMIT = 10 * 1024 * 1024


def command(
    files: Annotated[list[Path], typer.Argument(help="Rule files of Prometheus.")],
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 1 when a rule cannot be converted.")] = False,
    json_output: Json = False,
) -> None:
    """Convert alerting rules of Prometheus: prints a `rules` section for quality.yaml, and says on the error output
    which rules mean what no rule here means, and why. Changes nothing."""
    begin("rules import-prometheus")
    from quality_platform.configuration.prometheus_rules import distinct

    read = [_read(path) for path in files]
    rules = distinct(tuple(each for found, _ in read for each in found))
    refused = [each for _, found in read for each in found]
    if json_output:
        output.as_json(_entries(rules, refused))
    else:
        _show(rules, refused)
    if strict and refused:
        raise typer.Exit(1)


def _read(path: Path) -> tuple[tuple[Converted, ...], tuple[Refused, ...]]:
    from quality_platform.configuration.prometheus_rules import converted

    try:
        if path.stat().st_size > SIZE_LIMIT:
            raise UsageError(f"{path} is larger than {SIZE_LIMIT} bytes.")
        return converted(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8.") from error
    except QualityPlatformError as error:
        raise UsageError(f"{path}: {error.message}", hint=error.hint) from error


def _entries(rules: Sequence[Converted], refused: Sequence[Refused]) -> dict[str, Any]:
    return {
        "rules": [each.rule for each in rules],
        "notes": [{"rule": each.rule["name"], "note": note} for each in rules for note in each.notes],
        "refused": [{"group": each.group, "alert": each.alert, "reason": each.reason} for each in refused],
    }


def _show(rules: Sequence[Converted], refused: Sequence[Refused]) -> None:
    import yaml

    if rules:
        section = {"rules": [dict(each.rule) for each in rules]}
        sys.stdout.write(yaml.safe_dump(section, sort_keys=False, allow_unicode=True, width=120))
    typer.echo(f"{len(rules)} converted, {len(refused)} not.", err=True)
    for each in rules:
        for note in each.notes:
            typer.echo(f"  {each.rule['name']}: {note}.", err=True)
    for other in refused:
        typer.echo(f"  not converted: {other.group} / {other.alert}: {other.reason}.", err=True)
