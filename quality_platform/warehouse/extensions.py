"""DuckDB's extensions, loaded from the installed wheels so that nothing is downloaded at run time."""

from __future__ import annotations

from importlib.resources import files

import duckdb

BASE = ("ducklake", "json", "icu")
EMBEDDED = (*BASE, "sqlite_scanner")
TEAM = (*BASE, "postgres_scanner")


def load(connection: duckdb.DuckDBPyConnection, names: tuple[str, ...]) -> None:
    """Load the extensions called `names`; where a platform has no wheel, DuckDB's own INSTALL is the fallback."""
    for name in names:
        path = _wheel_path(name)
        if path is None:
            connection.execute(f"INSTALL {name}")
            connection.execute(f"LOAD {name}")
        else:
            # by path: INSTALL would copy the file under the user's home first
            connection.execute(f"LOAD '{path}'")


def _wheel_path(name: str) -> str | None:
    try:
        folder = files(f"duckdb_extension_{name}")
    except ModuleNotFoundError:
        return None
    path = folder / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
    return str(path).replace("'", "''") if path.is_file() else None
