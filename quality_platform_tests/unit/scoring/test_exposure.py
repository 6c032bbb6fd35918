from __future__ import annotations

import time

import pyarrow as pa
import pytest

from quality_platform.scoring.exposure import exposure


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/flask/app.py", "runtime"),
        ("flask/testing.py", "runtime"),
        ("numpy/testing/core.py", "runtime"),
        ("shop/latest.py", "runtime"),
        ("shop/contest.py", "runtime"),
        ("shop/attest/api.py", "runtime"),
        ("shop/tools/cut.py", "runtime"),
        ("tests/test_app.py", "test"),
        ("shop/Tests/app.py", "test"),
        ("shop/test_app.py", "test"),
        ("shop/app_test.go", "test"),
        ("shop/conftest.py", "test"),
        ("web/__tests__/a.js", "test"),
        ("web/fixtures/a.py", "test"),
        ("quality_platform_tests.py", "test"),
        ("docs/tests/conf.py", "test"),
        ("tools/cut.py", "dev"),
        ("scripts/release.sh", "dev"),
        ("shop/examples/a.py", "dev"),
        ("docs/conf.py", "dev"),
        (".github/scripts/a.py", "dev"),
        ("setup.py", "dev"),
        ("shop/setup.py", "runtime"),
        ("", "runtime"),
        (None, "runtime"),
    ],
)
def test_exposure(path: str | None, expected: str) -> None:
    assert exposure(pa.array([path], pa.string())).to_pylist() == [expected]


def test_any_kind_of_string_column() -> None:
    paths = ["tests/a.py", "a.py", "tests/a.py"]
    for column in (
        pa.chunked_array([paths[:1], paths[1:]]),
        pa.array(paths).dictionary_encode(),
        pa.array(paths, pa.large_string()),
    ):
        assert exposure(column).to_pylist() == ["test", "runtime", "test"]
    assert exposure(pa.array([], pa.string())).to_pylist() == []
    assert exposure(pa.chunked_array([], pa.string())).to_pylist() == []


def test_hostile_paths_take_no_time() -> None:
    hostile = ["a/" * 2000 + "test" * 500, "_tests" * 800, "." * 4096, "/" * 4096]
    before = time.process_time()
    exposure(pa.array(hostile * 10))
    assert time.process_time() - before < 20
