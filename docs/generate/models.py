"""The dbt project as its YAML files describe it: models with layer, grain, columns and tests.

Read from the files, not from dbt's manifest, so that a page costs no run of dbt. Does not belong here: SQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2] / "dbt_models" / "models"


@dataclass(frozen=True, slots=True)
class Model:
    """One model. `tests` counts its data tests, those of its columns among them."""

    name: str
    layer: str
    description: str
    columns: tuple[tuple[str, str], ...]
    tests: int

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Columns, set as code."""
        return [(f"`{name}`", meaning) for name, meaning in self.columns]

    @property
    def address(self) -> str:
        """Where it stands in SQL."""
        return f"marts.{self.name}" if self.layer == "marts" else f"marts.{self.layer}.{self.name}"


def sql_files() -> dict[str, Path]:
    """The file of every model, by the model's name."""
    return {path.stem: path for path in sorted(ROOT.rglob("*.sql"))}


@cache
def models() -> tuple[Model, ...]:
    """Every model of the project in the order of its files; what no YAML file describes has no words."""
    described = {entry["name"]: entry for entry in _described()}
    return tuple(_model(path, described.get(name, {})) for name, path in sql_files().items())


def _described() -> Iterator[dict[str, Any]]:
    for path in sorted(ROOT.rglob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        yield from content.get("models") or ()


def _model(path: Path, entry: dict[str, Any]) -> Model:
    columns = entry.get("columns") or ()
    return Model(
        name=path.stem,
        layer=path.relative_to(ROOT).parts[0],
        description=" ".join(entry.get("description", "").split()),
        columns=tuple((column["name"], " ".join(column.get("description", "").split())) for column in columns),
        tests=sum(len(_tests(described)) for described in (entry, *columns)),
    )


def _tests(entry: dict[str, Any]) -> list[Any]:
    return entry.get("data_tests") or entry.get("tests") or []
