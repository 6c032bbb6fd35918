"""Where the two catalogs live and how they are attached: SQLite files, or schemas of one PostgreSQL database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

import duckdb

from quality_platform.errors import ConfigurationError
from quality_platform.settings import Settings
from quality_platform.warehouse import extensions

Catalog = Literal["raw", "marts"]
CATALOGS: tuple[Catalog, ...] = ("raw", "marts")

# Nothing is inlined into the catalog. On SQLite a reader that comes between the flush of inlined rows and its own
# look at the files sees neither (the crash test caught 3 to 4 batches missing from a reading); and a commit of
# 1,000 rows takes 15-25 ms as Parquet, 70-140 ms inlined.
INLINE_ROWS = 0


@dataclass(frozen=True, slots=True)
class Team:
    """A PostgreSQL database, taken apart for DuckDB's secret."""

    host: str
    port: int
    database: str
    user: str
    password: str

    @classmethod
    def parse(cls, url: str) -> Team:
        """Take `postgresql://user:password@host:port/database` apart; ConfigurationError when it is not one.

        A socket folder may be given as `?host=/folder`.
        """
        parts = urlsplit(url)
        options = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
        host = unquote(options.get("host", parts.hostname or ""))
        if parts.scheme not in ("postgresql", "postgres") or not host or len(parts.path) < 2:
            raise ConfigurationError(
                "QUALITY_PLATFORM_POSTGRES_URL is not a PostgreSQL address.",
                hint="Write postgresql://user:password@host:5432/database.",
            )
        user, password = unquote(parts.username or "postgres"), unquote(parts.password or "")
        return cls(host, parts.port or 5432, unquote(parts.path[1:]), user, password)


def attach(connection: duckdb.DuckDBPyConnection, settings: Settings, *, writable: tuple[Catalog, ...]) -> None:
    """Load what is needed and attach both catalogs; those not in `writable` are attached read-only."""
    team = Team.parse(settings.postgres_url.get_secret_value()) if settings.postgres_url else None
    extensions.load(connection, extensions.TEAM if team else extensions.EMBEDDED)
    if team:
        connection.execute(_secret(team))
    connection.execute("SET TimeZone = 'UTC'")
    for catalog in CATALOGS:
        connection.execute(_attach(settings, catalog, team=team, read_only=catalog not in writable))


def metadata(settings: Settings, catalog: Catalog) -> str:
    """Where the catalog's own tables stand, on a connection that has it attached."""
    return f"__ducklake_metadata_{catalog}." + (f"lake_{catalog}" if settings.postgres_url else "main")


def _attach(settings: Settings, catalog: Catalog, *, team: Team | None, read_only: bool) -> str:
    data = settings.data_path.rstrip("/") + f"/{catalog}/" if settings.data_path else f"{settings.lake_dir}/{catalog}/"
    # without the override DuckLake refuses a home that was moved: the catalog remembers the old folder
    options = [f"DATA_PATH {_quote(data)}", "OVERRIDE_DATA_PATH true", f"DATA_INLINING_ROW_LIMIT {INLINE_ROWS}"]
    if team:
        where = "ducklake:postgres:"
        # the secret, not the address: duckdb_databases() shows the address to every analyst
        options += [f"METADATA_SCHEMA 'lake_{catalog}'", "META_SECRET 'lake_catalog'"]
    else:
        where = f"ducklake:sqlite:{settings.lake_dir}/{catalog}.sqlite"
        # without both, a second process gets «database is locked» at once
        options += ["META_JOURNAL_MODE 'WAL'", "META_BUSY_TIMEOUT 30000"]
    if read_only:
        options.append("READ_ONLY")
    return f"ATTACH {_quote(where)} AS {catalog} ({', '.join(options)})"


def _secret(team: Team) -> str:
    return (
        f"CREATE SECRET lake_catalog (TYPE postgres, HOST {_quote(team.host)}, PORT {team.port}, "
        f"DATABASE {_quote(team.database)}, USER {_quote(team.user)}, PASSWORD {_quote(team.password)})"
    )


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
