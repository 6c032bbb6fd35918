"""A live service for the tests that only send to it and ask it: each makes projects of its own.

Does not belong here: services that a test configures, stops or kills; they live as long as their module or test.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quality_platform_tests.data.live import Live, serving

CONFIGURATION = """
projects:
  - {id: small, quota: {error: 0}}
  - {id: partly, quota: {error: 0}}
rules:
  - {name: deep, metric_name: queue.depth, operator: above, critical_threshold: 100}
"""


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("live")
    (folder / "quality.yaml").write_text(CONFIGURATION)
    with serving(folder, config=folder / "quality.yaml") as service:
        yield service
