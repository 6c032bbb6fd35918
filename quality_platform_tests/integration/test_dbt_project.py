"""The dbt project as a whole: documented, keyed, its own tests pass, and building it again disturbs nobody."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from quality_platform.defs.dbt.project import folder
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.dbt_runs import dbt, manifest

pytestmark = pytest.mark.usefixtures("dbt_prepared")


@pytest.fixture(scope="module")
def lake(sample_lake: Lake) -> Lake:
    return sample_lake


def models() -> Iterator[dict[str, Any]]:
    return (node for node in manifest()["nodes"].values() if node["resource_type"] == "model")


def address(node: dict[str, Any]) -> str:
    return f"{node['database']}.{node['schema']}.{node['name']}"


def test_columns_described_are_the_columns_there(lake: Lake) -> None:
    for node in models():
        described = {name for name, column in node["columns"].items() if column["description"]}
        present = set(lake.read(f"FROM {address(node)} LIMIT 0").column_names)
        assert described == present, node["name"]


def test_asset_key_is_sql_address(lake: Lake) -> None:
    schemas = {"staging": "staging", "intermediate": "intermediate", "marts": "main"}
    assert all(node["schema"] == schemas[node["fqn"][1]] for node in models())


def test_the_tests_beside_the_models_pass(lake: Lake) -> None:
    results = dbt(lake, "test")
    assert sum(result.unique_id.startswith("unit_test.") for result in results) >= 25
    assert sum(result.unique_id.startswith("test.") for result in results) >= 40


def test_building_again_changes_nothing_and_leaves_nothing_behind(lake: Lake) -> None:
    before, relations = contents(lake), relations_ever_made(lake)
    dbt(lake, "run")
    assert contents(lake) == before
    assert relations_ever_made(lake) == relations


@pytest.mark.parametrize("upgraded", [True, False], ids=["made anew", "in place"])
def test_readers_notice_nothing_of_a_build(lake: Lake, upgraded: bool) -> None:
    """A view, a table, one that grows and one that continues from itself."""
    some = ["fct_observations", "error_groups", "fct_observations_samples", "int_samples_daily"]
    if upgraded:
        _as_if_built_by_another_version(lake)
    with reading(lake, some):
        dbt(lake, "run", "--select", *some)
        dbt(lake, "run", "--select", *some)


def _as_if_built_by_another_version(lake: Lake) -> None:
    with lake.writing("marts", "test") as connection:
        for node in models():
            kind = "VIEW" if node["config"]["materialized"] == "view" else "TABLE"
            connection.execute(f"COMMENT ON {kind} {address(node)} IS 'of another version'")


@contextmanager
def reading(lake: Lake, filled: list[str]) -> Iterator[None]:
    """A reader goes through the `filled` models until the block ends; it never fails, never finds one empty."""
    marts = [address(node) for node in models() if node["name"] in filled]
    over = threading.Event()

    def read() -> int:
        rounds = 0
        while not (over.is_set() and rounds):
            for mart in marts:
                assert lake.read(f"SELECT count(*) FROM {mart}")[0][0].as_py(), mart
                over.wait(0.005)
            rounds += 1
        return rounds

    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(read)
        try:
            yield
        finally:
            over.set()
        assert reader.result()


def contents(lake: Lake) -> dict[str, tuple[int, int]]:
    """Rows and a hash of them, whatever their order, for each model."""
    sql = "SELECT count(*) AS n, coalesce(bit_xor(hash(m)), 0) AS h FROM {} AS m"
    return {
        node["name"]: tuple(lake.read(sql.format(address(node))).to_pylist()[0].values())
        for node in models()
        # the present moves on with every commit to the lake
        if node["name"] != "int_as_of"
    }


def relations_ever_made(lake: Lake) -> int:
    rows = lake.read(
        "SELECT (SELECT count(*) FROM __ducklake_metadata_marts.ducklake_table) "
        "+ (SELECT count(*) FROM __ducklake_metadata_marts.ducklake_view) AS n"
    )
    return int(rows["n"][0].as_py())


def _copy(target: Path, *models: str) -> None:
    """The project with these models alone, which dbt parses quickly."""
    shutil.copytree(folder(), target, ignore=lambda _, names: [n for n in names if n in ("models", "target", "logs")])
    for path in (folder() / "models").rglob("*"):
        if path.stem in models or path.name == "sources.yml":
            copy = target / path.relative_to(folder())
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)


def test_a_changed_model_is_built_anew(lake: Lake, tmp_path: Path) -> None:
    """A view, a table and a table that only grows each take a new column; the rows stay."""
    project_copy, changed = tmp_path / "dbt_models", ("fct_observations_samples", "int_heads")
    _copy(project_copy, "stg_metric_samples", "stg_code_commits", "stg_batches", *changed)
    samples = project_copy / "models/marts/core/fct_observations_samples.sql"
    samples.write_text(samples.read_text().replace("    value,\n", "    value,\n    1 AS one,\n"))
    heads = project_copy / "models/intermediate/int_heads.sql"
    heads.write_text(heads.read_text().replace("commits.position", "commits.position, 1 AS one"))
    before = lake.read("SELECT count(*) AS n FROM marts.fct_observations_samples").to_pylist()
    dbt(lake, "run", "--select", *changed, other=project_copy)
    assert lake.read("SELECT sum(one) AS n FROM marts.fct_observations_samples").to_pylist() == before
    assert lake.read("SELECT sum(one) AS n FROM marts.intermediate.int_heads")["n"][0].as_py() == 1
    dbt(lake, "run", "--select", *changed)
    assert "one" not in lake.read("FROM marts.fct_observations_samples LIMIT 0").column_names
