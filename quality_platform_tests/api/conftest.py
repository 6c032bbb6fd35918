"""A live service for the tests that only send to it and ask it: each makes projects of its own.

Does not belong here: services that a test configures, stops or kills; they live as long as their module or test.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quality_platform_tests.data.live import Live, serving


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("live")) as service:
        yield service
