"""What a column of a raw table promises, and the Arrow type that carries it.

Belongs here: the `Column` and `Table` contracts and what can be derived from them without I/O. Does not
belong here: the tables themselves (`tables.py` lists them) or the code that checks rows (`ingestion/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

SQL_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "string": "VARCHAR",
        "integer": "BIGINT",
        "double": "DOUBLE",
        "boolean": "BOOLEAN",
        "timestamp": "TIMESTAMPTZ",
        "strings": "VARCHAR[]",
        "bytes": "BLOB",
    }
)


@cache
def arrow_type(name: str) -> pa.DataType:
    """The Arrow type that carries a column's type. Arrow is loaded here: who only reads contracts saves 40 MB."""
    import pyarrow as pa

    types = {
        "string": pa.string(),
        "integer": pa.int64(),
        "double": pa.float64(),
        "boolean": pa.bool_(),
        "timestamp": pa.timestamp("us", tz="UTC"),
        "strings": pa.list_(pa.string()),
        "bytes": pa.binary(),
    }
    return types[name]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type by name in `SQL_TYPES`, and what every row must satisfy."""

    name: str
    type: str
    description: str
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[str, ...] = ()
    max_length: int | None = None

    @property
    def arrow(self) -> pa.Field:
        """The Arrow field; nullability follows `required`."""
        import pyarrow as pa

        return pa.field(self.name, arrow_type(self.type), nullable=not self.required)

    @property
    def sql(self) -> str:
        """The column's type in DuckDB's SQL."""
        return SQL_TYPES[self.type]


@dataclass(frozen=True, slots=True)
class Table:
    """A raw table: its grain in words, the columns that identify a row, the order it is stored in."""

    name: str
    description: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    sorted_by: tuple[str, ...] = ()

    @property
    def schema(self) -> pa.Schema:
        """What a collector delivers: the table without the provenance columns."""
        import pyarrow as pa

        return pa.schema([column.arrow for column in self.columns])

    @property
    def stored(self) -> tuple[Column, ...]:
        """What the lake keeps: provenance first, then the table's own columns."""
        return (*PROVENANCE, *self.columns)

    def column(self, name: str) -> Column:
        """The column called `name`; KeyError when there is none."""
        for column in self.stored:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name!r}")


PROVENANCE: tuple[Column, ...] = (
    Column("project", "string", "Project that the row belongs to.", required=True, max_length=200),
    Column("batch_id", "string", "Batch that brought the row; see raw.batches.", required=True),
    Column("source_id", "string", "Source that the row was read from.", required=True),
    Column("ingested_at", "timestamp", "Instant of the batch's commit, UTC.", required=True),
)
