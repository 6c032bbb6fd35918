"""Live services whose configuration the tests of this folder change, so that nothing of it judges others' samples."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quality_platform_tests.data.asking import Asking
from quality_platform_tests.data.live import Live, serving

FILE = """
rules:
  - {name: from the file, metric_name: in.file, warning_threshold: 1, critical_threshold: 2}
channels:
  - {name: file channel, channel_type: console}
"""


@pytest.fixture(scope="package")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Without a file, so that the default rules are in force."""
    with serving(tmp_path_factory.mktemp("stored")) as service:
        yield service


@pytest.fixture(scope="package")
def admin(live: Live) -> Asking:
    return Asking(live, "admin")


@pytest.fixture(scope="package")
def editor(live: Live) -> Asking:
    return Asking(live, "editor")


@pytest.fixture(scope="package")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A live service whose `quality.yaml` names a rule and a channel."""
    folder = tmp_path_factory.mktemp("filed")
    (folder / "quality.yaml").write_text(FILE)
    with serving(folder, config=folder / "quality.yaml") as service:
        yield service
