"""Advisories out of every form of file; what was read is not read again, what changed is."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from quality_platform.collectors.advisories import COLLECTOR
from quality_platform.collectors.advisories.reading import RECORD_BYTES
from quality_platform.errors import SourceError
from quality_platform.model.configuration import AdvisorySource, QualityConfig
from quality_platform_tests.data.receivers import answering, receiving
from quality_platform_tests.unit.collectors.conftest import NOW, Memory


def record(number: int, **changes: Any) -> dict[str, Any]:
    package = {"package": {"ecosystem": "PyPI", "name": "flask"}, "versions": ["1.0"]}
    whole = {"id": f"PYSEC-{number}", "modified": "2026-02-27T12:00:00Z", "affected": [package]}
    return {**whole, **changes}


def at(path: Path) -> QualityConfig:
    return QualityConfig(advisories=AdvisorySource(path=str(path)))


def ids(memory: Memory) -> list[str]:
    return sorted(row["advisory_id"] for row in memory.rows if "advisory_id" in row)


@pytest.mark.parametrize("form", ["folder", "yaml", "zip", "lines"])
def test_every_form_gives_the_same(form: str, tmp_path: Path, memory: Memory) -> None:
    place = tmp_path / {"zip": "all.zip", "lines": "all.jsonl"}.get(form, "all")
    records = [record(1), record(2), {"id": "broken"}]
    if form == "lines":
        place.write_text("\n".join(map(json.dumps, records)) + "\nno json\n")
    elif form == "zip":
        with zipfile.ZipFile(place, "w") as archive:
            for number, each in enumerate(records):
                archive.writestr(f"{number}.json", json.dumps(each))
            archive.writestr("x.json", "no json")
            archive.writestr("README.md", "nothing")
    else:
        (place / "vulns" / ".git").mkdir(parents=True)
        write = yaml.safe_dump if form == "yaml" else json.dumps
        for number, each in enumerate(records):
            (place / "vulns" / f"{number}.{'yaml' if form == 'yaml' else 'json'}").write_text(write(each))
        (place / "vulns" / "x.json").write_text("no json")
        (place / "vulns" / ".git" / "y.json").write_text(json.dumps(record(9)))
    memory.collect(COLLECTOR, at(place))
    assert ids(memory) == ["PYSEC-1", "PYSEC-2"]
    assert len(memory.rejected) == 2


def test_once_read_it_is_read_again_when_it_changes_and_its_age_is_told_once_a_day(
    tmp_path: Path, memory: Memory
) -> None:
    place = tmp_path / "all.jsonl"
    place.write_text(json.dumps(record(1)))
    assert len(memory.collect(COLLECTOR, at(place))) == 1
    assert memory.collect(COLLECTOR, at(place)) == []
    (tomorrow,) = memory.collect(COLLECTOR, at(place), now=NOW + timedelta(days=1))
    assert tomorrow.read_from["newest"] == 1772193600 * 1_000_000
    assert tomorrow.tables["advisories"].num_rows == 0
    place.write_text(json.dumps(record(1)) + "\n" + json.dumps(record(2)))
    assert len(memory.collect(COLLECTOR, at(place), now=NOW + timedelta(days=1))) == 1


def test_a_record_without_end_is_refused_and_the_next_is_read(tmp_path: Path, memory: Memory) -> None:
    place = tmp_path / "all"
    place.mkdir()
    (place / "a.json").write_bytes(b"[" * (RECORD_BYTES + 10))
    (place / "b.json").write_text(json.dumps(record(1)))
    (place / "c.json").write_text("[" * 100_000)
    (place / "d.json").symlink_to(place / "b.json")
    memory.collect(COLLECTOR, at(place))
    assert ids(memory) == ["PYSEC-1"]
    assert len(memory.rejected) == 2


@pytest.mark.parametrize("content", [None, b"no zip"])
def test_what_cannot_be_read_says_what_to_give(tmp_path: Path, memory: Memory, content: bytes | None) -> None:
    place = tmp_path / "all.zip"
    if content is not None:
        place.write_bytes(content)
    with pytest.raises(SourceError, match=r"cannot be read") as caught:
        memory.collect(COLLECTOR, at(place))
    assert "advisories.path" in str(caught.value.hint)


def test_what_is_far_away_is_fetched(tmp_path: Path, memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "sent.zip"
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr("1.json", json.dumps(record(1)))
    with receiving(answering(200, place.read_bytes())) as server:
        config = QualityConfig(advisories=AdvisorySource(url=server.url("/all.zip")))
        memory.collect(COLLECTOR, config)
    assert ids(memory) == ["PYSEC-1"]
    (tmp_path / "advisories.zip").unlink()
    with receiving(answering(404)) as server:
        config = QualityConfig(advisories=AdvisorySource(url=server.url("/all.zip")))
        with pytest.raises(SourceError, match="404"):
            Memory().collect(COLLECTOR, config)
