"""A bill of materials: what is in it, that its reader understands it, that it is the same for the same commit."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

from cyclonedx.model.bom import Bom
from defusedxml import ElementTree

from quality_platform.reports.bill_of_materials import document

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def named(name: str, version: str | None = None, **changes: Any) -> dict[str, Any]:
    specifier = f"=={version}" if version else ">=1"
    usual = {"ecosystem": "PyPI", "scope": "runtime", "specifier": specifier, "path": "uv.lock", "licence": None}
    return {**usual, "name": name, "version": version, **changes}


ROWS = [
    named("flask", "3.0", scope="dev", path="b.lock"), named("flask", "3.0"), named("flask", path="pyproject.toml"),
    named("jinja2", path="pyproject.toml"), named("@types/node", "20.1.0", ecosystem="npm", scope="optional", licence="MIT"),
    named("github.com/x/y", "v1.2.3", ecosystem="Go"), named("serde", "1.0.0", ecosystem="crates"),
]  # fmt: skip


def test_pinned_packages_are_there_once_and_ranges_of_what_nothing_pins() -> None:
    whole = json.loads(document("shop", "c1", DAY, ROWS))
    found = {part["purl"]: part for part in whole["components"]}
    assert set(found) == {
        "pkg:pypi/flask@3.0", "pkg:pypi/jinja2", "pkg:npm/%40types/node@20.1.0", "pkg:golang/github.com/x/y@v1.2.3",
        "pkg:cargo/serde@1.0.0",
    }  # fmt: skip
    assert found["pkg:pypi/flask@3.0"]["scope"] == "required"
    assert found["pkg:npm/%40types/node@20.1.0"]["scope"] == "optional"
    assert {"name": "quality-platform:specifier", "value": ">=1"} in found["pkg:pypi/jinja2"]["properties"]
    assert found["pkg:npm/%40types/node@20.1.0"]["licenses"][0]["license"]["id"] == "MIT"
    assert whole["specVersion"] == "1.6"
    assert whole["metadata"]["component"]["version"] == "c1"


def test_its_reader_understands_it_and_it_is_the_same_again() -> None:
    text = document("shop", "c1", DAY, ROWS)
    assert text == document("shop", "c1", DAY, list(reversed(ROWS)))
    assert text != document("shop", "c2", DAY, ROWS)
    bom = Bom.from_json(json.loads(text))  # type: ignore[attr-defined]
    assert len(bom.components) == 5
    xml = document("shop", "c1", DAY, ROWS, "xml")
    assert len(ElementTree.parse(io.StringIO(xml)).getroot().findall(".//{*}components/{*}component")) == 5
