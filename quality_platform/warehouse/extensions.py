"""DuckDB's extensions, loaded from the installed wheels so that nothing is downloaded at run time.

DuckDB checks the signature of a file each time that it loads it: 0.12 s for each of 36 MB, in every process that opens
the lake. What stands in the wheels was checked when they were installed, by the hashes of the lock file, as DuckDB
itself was and our own code; so a connection may load them as they are, and nothing else after them.
"""

from __future__ import annotations

from importlib.resources import files

import duckdb

BASE = ("ducklake", "json", "icu")
EMBEDDED = (*BASE, "sqlite_scanner")
TEAM = (*BASE, "postgres_scanner")


def trusted() -> dict[str, bool]:
    """Configuration of a connection that is to `load` what is installed; empty where a platform lacks a wheel, whose
    extension then comes from DuckDB's own server and has to be signed."""
    is_installed = all(_wheel_path(name) is not None for name in {*EMBEDDED, *TEAM})
    return {"allow_unsigned_extensions": True} if is_installed else {}


def load(connection: duckdb.DuckDBPyConnection, names: tuple[str, ...]) -> None:
    """Load the extensions called `names`; where a platform has no wheel, DuckDB's own INSTALL is the fallback.

    Afterwards the connection refuses what is not signed, and cannot be told otherwise.
    """
    for name in names:
        path = _wheel_path(name)
        if path is None:
            connection.execute(f"INSTALL {name}")
            connection.execute(f"LOAD {name}")
        else:
            # by path: INSTALL would copy the file under the user's home first
            connection.execute(f"LOAD '{path}'")
    connection.execute("SET allow_unsigned_extensions = false")


def _wheel_path(name: str) -> str | None:
    try:
        folder = files(f"duckdb_extension_{name}")
    except ModuleNotFoundError:
        return None
    path = folder / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
    return str(path).replace("'", "''") if path.is_file() else None
