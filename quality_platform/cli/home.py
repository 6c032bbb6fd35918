"""The platform's home: what must be there before anything runs. Safe to prepare again at every start."""

from __future__ import annotations

import shutil
import socket
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quality_platform.errors import QualityPlatformError, UsageError

if TYPE_CHECKING:
    from quality_platform.settings import Settings
    from quality_platform.state.database import State

DAGSTER_POSTGRES_URL = "QUALITY_PLATFORM_DAGSTER_POSTGRES_URL"
LEAST_FREE_BYTES = 200 * 1024 * 1024


def prepare(settings: Settings) -> None:
    """Make state, lake and DAGSTER_HOME, or bring them to this version."""
    from quality_platform.state.migrate import upgrade
    from quality_platform.warehouse.lake import Lake

    require_room(settings)
    for folder in (settings.root, settings.dagster_home, settings.logs_dir, settings.events_dir):
        settings.place(folder)
    upgrade(settings)
    lake = Lake(settings)
    lake.set_up()
    lake.close()
    write_dagster_files(settings)


def prepare_state(settings: Settings) -> State:
    """The state alone, for verbs that need neither lake nor Dagster."""
    from quality_platform.state.database import State
    from quality_platform.state.migrate import upgrade

    settings.place(settings.root)
    upgrade(settings)
    return State(settings)


def require_port(host: str, port: int, *, option: str = "--port") -> None:
    """Raises UsageError where something listens at this address already."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        if probe.connect_ex((host, port)) == 0:
            raise UsageError(f"Port {port} of {host} is taken.", hint=f"Free it, or choose another with {option}.")


def require_room(settings: Settings) -> None:
    """Make the home; raises QualityPlatformError where it cannot be written or the disk is nearly full."""
    try:
        settings.place(settings.root)
        free = shutil.disk_usage(settings.root).free
    except OSError as error:
        raise QualityPlatformError(
            f"{settings.root} cannot be written: {error.strerror}.",
            hint="QUALITY_PLATFORM_HOME names another folder.",
        ) from error
    if free < LEAST_FREE_BYTES:
        raise QualityPlatformError(
            f"Only {free // 1_000_000} MB are free at {settings.root}; at least {LEAST_FREE_BYTES // 1_000_000} MB "
            "are needed.",
            hint="Make room, or move the home with QUALITY_PLATFORM_HOME.",
        )


def write_dagster_files(settings: Settings) -> None:
    """Write `dagster.yaml` and `workspace.yaml` of DAGSTER_HOME for the set-up in force."""
    import yaml

    config: dict[str, Any] = yaml.safe_load(_packaged("dagster.yaml"))
    config["compute_logs"]["config"]["base_dir"] = str(settings.dagster_home / "compute_logs")
    config["local_artifact_storage"]["config"]["base_dir"] = str(settings.dagster_home)
    if settings.postgres_url:
        # by name, so that the password stands in no file
        config["storage"] = {"postgres": {"postgres_url": {"env": DAGSTER_POSTGRES_URL}}}
    workspace = {
        "load_from": [{"grpc_server": {"socket": str(socket_of(settings)), "location_name": "quality_platform"}}]
    }
    for name, content in (("dagster.yaml", config), ("workspace.yaml", workspace)):
        (settings.dagster_home / name).write_text(yaml.safe_dump(content, sort_keys=False))


def environment(settings: Settings) -> dict[str, str]:
    """What processes that load Dagster need in their environment."""
    found = {**settings.environment(), "DAGSTER_HOME": str(settings.dagster_home)}
    if settings.postgres_url:
        # SQLAlchemy 2.1 takes psycopg 3 where no driver is named; dagster-postgres is written for psycopg2
        address = settings.postgres_url.get_secret_value().split("://", 1)[1]
        found[DAGSTER_POSTGRES_URL] = f"postgresql+psycopg2://{address}"
    return found


def socket_of(settings: Settings) -> Path:
    """The code server's socket: short, since a path of a socket may have 107 bytes."""
    import hashlib
    import tempfile

    name = hashlib.sha256(str(settings.root).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"quality-platform-{name}.sock"


def _packaged(name: str) -> str:
    """A file of the installation: inside the package when it came from a wheel, beside it in a checkout."""
    inside = files("quality_platform") / name
    if inside.is_file():
        return inside.read_text(encoding="utf-8")
    return (Path(__file__).resolve().parents[2] / name).read_text(encoding="utf-8")
