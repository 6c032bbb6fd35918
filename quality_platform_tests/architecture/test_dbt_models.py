"""Every dbt model says what it is: grain first, every column described, its key tested."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from docs.generate.models import ROOT, Model, models, sql_files

GRAIN = re.compile(r"One row\b")

# Models without data tests, and why.
UNTESTED = {
    "fct_observations": "a union of two models that test their keys, over millions of rows",
    "int_observation_batches": "millions of pairs that only metric_lineage reads, which tests its own key",
    "stg_metric_samples": "millions of rows as they came; the raw table's contract is checked instead",
    "stg_request_samples": "millions of rows as they came; the drain stores an event once, which its own tests show",
    "stg_quarantine": "what was refused: nothing is promised about it but the raw table's contract",
}


@pytest.mark.parametrize("model", models(), ids=lambda model: model.name)
def test_model_is_described(model: Model) -> None:
    assert GRAIN.match(model.description), "the description does not begin with the grain («One row per …»)"
    assert model.columns, "no columns"
    assert not [name for name, description in model.columns if len(description) < 5], "columns without a description"
    assert len({name for name, _ in model.columns}) == len(model.columns), "a column is described twice"


@pytest.mark.parametrize("model", models(), ids=lambda model: model.name)
def test_model_is_tested(model: Model) -> None:
    assert (model.tests == 0) == (model.name in UNTESTED)


def test_every_model_has_its_description_beside_it() -> None:
    described = {path.stem: _names(path) for path in ROOT.rglob("*.yml") if path.name != "sources.yml"}

    assert described == {name: [name] for name in sql_files()}
    assert all(path.with_suffix(".yml").is_file() for path in sql_files().values())


def _names(path: Path) -> list[str]:
    return [entry["name"] for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]]
