"""The one reader of the environment. Every setting has the prefix `QUALITY_PLATFORM_`.

Belongs here: typed settings and the places under the platform's home that follow from them. Does not
belong here: what a team configures about its own systems (that is `quality.yaml`, see `configuration/`).
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Names = Annotated[tuple[str, ...], NoDecode]
"""A list that is written in one environment variable."""


class Settings(BaseSettings):
    """Settings of one process. Build it once at the composition root and hand it down."""

    model_config = SettingsConfigDict(env_prefix="QUALITY_PLATFORM_", extra="ignore", frozen=True)

    home: Path = Field(
        default=Path(".quality"),
        description="Folder that holds everything the platform writes.",
    )
    config: Path | None = Field(
        default=None,
        description="Path of quality.yaml; by default quality.yaml in the current folder, if there is one.",
    )
    postgres_url: SecretStr | None = Field(
        default=None,
        description=(
            "postgresql://user:password@host:port/database. When set, state, both lake catalogs and "
            "Dagster's storage live there; otherwise they are SQLite files under the home."
        ),
    )
    data_path: str | None = Field(
        default=None,
        description="Folder of the lake's Parquet files; by default under the home. A team's machines share it.",
    )
    lock_timeout_seconds: float = Field(
        default=120.0, gt=0, description="How long a writer waits for a catalog's lock before it gives up."
    )
    workers: int = Field(
        default=0, ge=0, description="Processes that analyse source files and judge series; 0 means one per core."
    )
    repository: str | None = Field(
        default=None,
        description="Path or URL of a repository to watch besides those of quality.yaml; `up --repo` sets it.",
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description=(
            "Key of the keyed hashes and of encryption at rest, at least 32 characters; by default made at "
            "random and kept in the home. Set it where several machines share one platform."
        ),
        min_length=32,
    )
    history: int = Field(
        default=50, ge=1, description="Commits of a repository that a scan reads when nothing else is said."
    )
    dagster_port: int = Field(default=3000, ge=1, le=65535, description="Port of the Dagster webserver.")
    api_port: int = Field(default=8600, ge=1, le=65535, description="Port of the live service.")
    public_url: str | None = Field(
        default=None,
        description="Address that clients reach the live service by, such as https://quality.example.com.",
    )
    ingest_body_bytes: int = Field(
        default=20 * 1024 * 1024, ge=1024, description="Largest body of one request to the live service, decompressed."
    )
    ingest_memory_bytes: int = Field(
        default=128 * 1024 * 1024,
        ge=1024 * 1024,
        description="Bytes of requests that the live service holds at a time; beyond, it answers 503.",
    )
    spool_bytes: int = Field(
        default=4 * 1024 * 1024 * 1024,
        ge=1024 * 1024,
        description="Most that may wait for the lake; beyond, the live service answers 503.",
    )
    statsd_port: int = Field(default=0, ge=0, le=65535, description="UDP port for StatsD and DogStatsD; 0 for none.")
    statsd_project: str | None = Field(default=None, description="Project that what comes by StatsD belongs to.")
    host: str = Field(default="127.0.0.1", description="Address that the servers listen on.")
    cors_origins: Names = Field(
        default=(),
        description=(
            "Web addresses, apart by commas, whose pages may ask the live service in a browser, such as "
            "https://board.example.com; sending is open to pages of any address."
        ),
    )
    duckdb_memory_limit: str = Field(
        default="1GB", description="Memory limit of each DuckDB connection, in DuckDB's notation."
    )
    duckdb_threads: int = Field(default=2, ge=1, description="Threads of each DuckDB connection.")
    webhook_allow_cidrs: Names = Field(
        default=(),
        description=(
            "Networks, apart by commas, that outgoing messages may reach although they are not public, such as "
            "10.0.0.0/8."
        ),
    )

    @field_validator("cors_origins", "webhook_allow_cidrs", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        """Apart by commas, or a JSON list."""
        if not isinstance(value, str):
            return value
        if value.lstrip().startswith("["):
            try:
                return json.loads(value)
            except ValueError as error:
                raise ValueError("write the values apart by commas, or a JSON list of texts") from error
        return tuple(part for part in map(str.strip, value.split(",")) if part)

    @field_validator("postgres_url")
    @classmethod
    def _is_postgres(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("it is no PostgreSQL address; write postgresql://user:password@host:5432/database")
        return value

    @cached_property
    def root(self) -> Path:
        """The home as an absolute path."""
        return self.home.expanduser().resolve()

    @property
    def lake_dir(self) -> Path:
        """Catalog files, lock files and, by default, the Parquet files."""
        return self.root / "lake"

    @property
    def dagster_home(self) -> Path:
        """DAGSTER_HOME: instance configuration, run storage, compute logs."""
        return self.root / "dagster"

    @property
    def dbt_dir(self) -> Path:
        """dbt's target, logs and kept manifest."""
        return self.root / "dbt"

    @property
    def repositories_dir(self) -> Path:
        """Our own bare clones of the scanned repositories."""
        return self.root / "repositories"

    @property
    def reports_dir(self) -> Path:
        """Finished reports."""
        return self.root / "reports"

    @property
    def logs_dir(self) -> Path:
        """The platform's own structured logs (JSON lines)."""
        return self.root / "logs"

    @property
    def events_dir(self) -> Path:
        """The platform's own usage events (JSON lines)."""
        return self.root / "events"

    @property
    def spool_dir(self) -> Path:
        """What the live service has accepted and not yet brought to the lake."""
        return self.root / "spool"

    @property
    def secret_file(self) -> Path:
        """Key of the keyed hashes and of encryption at rest; mode 0600."""
        return self.root / "secret.key"

    @cached_property
    def secret(self) -> bytes:
        """The key of keyed hashes: the setting, else the home's key file, made on first use with mode 0600."""
        if self.secret_key is not None:
            return self.secret_key.get_secret_value().encode()
        if not self.secret_file.exists():
            self._make_secret()
        return self.secret_file.read_bytes()

    def _make_secret(self) -> None:
        self.place(self.root)
        draft = self.secret_file.with_suffix(f".{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(32).encode())
        try:
            # link fails when another process was first, and then its key is the one
            os.link(draft, self.secret_file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()

    def environment(self) -> dict[str, str]:
        """These settings as environment variables, for processes that build their own."""
        found: dict[str, str] = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if name == "home":
                value = self.root
            if value is None or (value == type(self).model_fields[name].default and name != "home"):
                continue
            plain = value.get_secret_value() if isinstance(value, SecretStr) else value
            text = json.dumps(plain) if isinstance(plain, tuple) else str(plain)
            found[f"QUALITY_PLATFORM_{name.upper()}"] = text
        return found

    def place(self, folder: Path) -> Path:
        """`folder`, made if it is not there, readable by its owner alone."""
        for place in (*reversed(folder.parents), folder):
            # one by one: mkdir gives the parents that it makes the usual mode, not this one
            place.mkdir(exist_ok=True, mode=0o700)
        return folder


def inherited(names: Iterable[str]) -> dict[str, str]:
    """Those of the variables `names` that are set, for a child process that is to see no others."""
    return {name: os.environ[name] for name in names if name in os.environ}


def variable(name: str) -> str | None:
    """The environment variable that a secret written as `env:NAME` refers to; None where it is not set."""
    return os.environ.get(name)
