"""What all tables share: their base class, the names of constraints, and how an instant is stored."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase

from quality_platform.model.time import as_utc


class Instant(sa.TypeDecorator[datetime]):
    """An aware UTC instant to the microsecond. SQLite has no time zones, so it keeps the UTC reading."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse a naive instant: nobody could say which one it is."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive instant: {value}")
        return value.astimezone(UTC) if dialect.name != "sqlite" else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """The instant, aware, in UTC."""
        return None if value is None else as_utc(value)


class Words(sa.TypeDecorator[str]):
    """Text of any origin. PostgreSQL cannot store NUL, and one hostile name must not fail all written beside it."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """Show NUL as the replacement character."""
        return value.replace("\0", "\ufffd") if value else value


# SQLite numbers rows by itself only where the type is exactly INTEGER
COUNTER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


class Base(DeclarativeBase):
    """Base of all tables. Named constraints can be migrated; unnamed ones cannot."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Instant, str: Words, float: sa.Double}
