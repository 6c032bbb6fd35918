"""A live service shared by the tests of a module: each test makes a project of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quality_platform_tests.data.live import Live, serving


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("live")) as service:
        yield service
