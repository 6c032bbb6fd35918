"""Two kinds of failure: those that pass, such as a full disk or a lock, and those that lie in what is stored.

Belongs here: telling them apart. Does not belong here: what is done about them (`rounds.py`).
"""

from __future__ import annotations

import sqlite3

import duckdb

from quality_platform.errors import QualityPlatformError

PASSING = (QualityPlatformError, OSError, MemoryError, sqlite3.Error, duckdb.Error)
"""Trying again helps, sooner or later."""

_OF_DATA = (duckdb.DataError, duckdb.IntegrityError, duckdb.InvalidInputException, duckdb.InternalError)

INVALIDATING = (duckdb.FatalException, duckdb.InternalError)
"""After these DuckDB answers nothing any more until it is opened anew."""


def lies_in_data(error: Exception) -> bool:
    """Whether the same rows would fail again: Arrow or Python cannot hold a value, DuckDB refuses it."""
    return isinstance(error, _OF_DATA) or not isinstance(error, PASSING)
