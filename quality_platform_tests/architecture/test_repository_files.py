"""What is tracked speaks of the project alone: no registry host, no machine's path, locks that anybody can install."""

from __future__ import annotations

import re

import pytest

from quality_platform_tests.architecture.tree import ROOT, lines, short, tracked

# apart, so that this file does not name them either
HOSTS = tuple(
    f"{name}.{end}"
    for name, end in (
        ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("crates", "io"),
        ("anaconda", "org"), ("jfrog", "io"), ("ghcr", "io"),
    )
)  # fmt: skip
PLACES = re.compile(r"(?<![\w.~-])/(?:root|work|Users/\w+)/")
REQUIREMENT = re.compile(r"^[A-Za-z0-9][\w.-]*(?:\[[\w, -]+\])?==\S+", re.MULTILINE)
HASHED = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def _texts() -> list[tuple[str, str]]:
    found = []
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content[:1024]:
            found.append((short(path), content.decode("utf-8", "replace")))
    return found


def test_no_file_names_a_registry_host() -> None:
    named = [(name, host) for name, text in _texts() for host in HOSTS if host in text]

    assert not named


def test_no_file_names_a_place_on_a_machine() -> None:
    here = str(ROOT)
    named = [
        (name, match.group() if match else here)
        for name, text in _texts()
        for match in [PLACES.search(text)]
        # a short folder such as /app may stand in an example
        if match or (here.count("/") > 1 and here in text)
    ]

    assert not named


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_lock_pins_everything_by_hash(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = [entry for entry in re.split(r"\n(?=\S)", text.strip()) if not entry.startswith("#")]

    assert "://" not in text
    assert len(entries) > 50
    assert not [entry for entry in entries if not REQUIREMENT.match(entry) or not HASHED.search(entry)]


def test_the_runtime_lock_is_part_of_the_development_lock() -> None:
    runtime, development = (set(REQUIREMENT.findall(_read(f"requirements{part}.lock"))) for part in ("", "-dev"))

    assert runtime <= development


def test_readme_is_short_and_names_the_two_commands() -> None:
    assert lines(ROOT / "README.md") < 150
    assert "\nmake up" in _read("README.md")
    assert "\nmake test" in _read("README.md")


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")
