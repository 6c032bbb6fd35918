"""Great Expectations suites as asset checks: every raw table against its contract, in full runs and hourly.

The suites are made from the contracts in `model/`, so a new column is judged without a line here. The cheap
check of every batch happens before it is stored (`ingestion/validation.py`).
"""

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg

from quality_platform.defs import keys
from quality_platform.defs.platform import Platform
from quality_platform.model.columns import Column, Table
from quality_platform.model.tables import RAW_TABLES

if TYPE_CHECKING:
    import pandas as pd

CHECK = "keeps_contract"
# A suite reads the newest rows: what was judged an hour ago has not changed since, raw is append-only.
NEWEST_ROWS = 50_000


def checks() -> dg.AssetChecksDefinition:
    """One check per raw table, all in one step: Great Expectations costs seconds to import."""

    @dg.multi_asset_check(
        name="great_expectations",
        specs=[
            dg.AssetCheckSpec(
                CHECK, asset=keys.raw(name), description=f"The newest rows of raw.{name} keep the contract."
            )
            for name in RAW_TABLES
        ],
        can_subset=True,
    )
    def great_expectations(
        context: dg.AssetCheckExecutionContext, platform: dg.ResourceParam[Platform]
    ) -> Iterator[dg.AssetCheckResult]:
        wanted = {key.asset_key.path[-1] for key in context.selected_asset_check_keys}
        for name, passed, report in judge(platform, [RAW_TABLES[name] for name in sorted(wanted)]):
            yield dg.AssetCheckResult(
                check_name=CHECK, asset_key=keys.raw(name), passed=passed, metadata={"report": report}
            )

    return great_expectations


def judge(platform: Platform, tables: list[Table]) -> Iterator[tuple[str, bool, dict[str, Any]]]:
    """Each table's name, whether it keeps its contract, and which expectations it broke."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the library, about its own dependencies
        import great_expectations as gx

        gx_context = gx.get_context(mode="ephemeral")
        gx_context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
        source = gx_context.data_sources.add_pandas("lake")
        for table in tables:
            asset = source.add_dataframe_asset(table.name)
            batch = asset.add_batch_definition_whole_dataframe("newest").get_batch(
                {"dataframe": _newest(platform, table)}
            )
            suite = gx.ExpectationSuite(name=table.name, expectations=list(_expectations(gx, table)))
            result = batch.validate(suite)
            yield table.name, bool(result.success), _report(result)


def _newest(platform: Platform, table: Table) -> "pd.DataFrame":
    """The newest rows as pandas; lists as text, since the library looks for distinct values."""
    names = ", ".join(
        f"{column.name}::VARCHAR AS {column.name}" if column.type in ("strings", "bytes") else column.name
        for column in table.stored
    )
    rows = platform.lake.read(f"SELECT {names} FROM raw.{table.name} ORDER BY ingested_at DESC LIMIT {NEWEST_ROWS}")
    return rows.to_pandas()


def _expectations(gx: Any, table: Table) -> Iterator[Any]:
    expect = gx.expectations
    yield expect.ExpectTableColumnsToMatchSet(column_set=[c.name for c in table.stored], exact_match=True)
    if table.key and table.name != "quarantine":
        yield (
            expect.ExpectCompoundColumnsToBeUnique(column_list=list(table.key))
            if len(table.key) > 1
            else expect.ExpectColumnValuesToBeUnique(column=table.key[0])
        )
    for column in table.stored:
        yield from _of_column(expect, column)


def _of_column(expect: Any, column: Column) -> Iterator[Any]:
    if column.required:
        yield expect.ExpectColumnValuesToNotBeNull(column=column.name)
    if column.minimum is not None or column.maximum is not None:
        yield expect.ExpectColumnValuesToBeBetween(
            column=column.name, min_value=column.minimum, max_value=column.maximum
        )
    if column.allowed:
        yield expect.ExpectColumnValuesToBeInSet(column=column.name, value_set=list(column.allowed))
    if column.max_length is not None:
        yield expect.ExpectColumnValueLengthsToBeBetween(column=column.name, max_value=column.max_length)


def _report(result: Any) -> dict[str, Any]:
    broken = [
        {
            "expectation": one.expectation_config.type,
            "column": one.expectation_config.kwargs.get("column"),
            "unexpected": one.result.get("unexpected_count"),
            "examples": [str(value)[:200] for value in (one.result.get("partial_unexpected_list") or [])[:5]],
            "error": next((e["exception_message"] for e in _errors(one)), None),
        }
        for one in result.results
        if not one.success
    ]
    return {"expectations": len(result.results), "broken": broken}


def _errors(one: Any) -> Iterator[dict[str, Any]]:
    info = one.exception_info or {}
    candidates = [info] if "exception_message" in info else list(info.values())
    return (entry for entry in candidates if isinstance(entry, dict) and entry.get("exception_message"))
