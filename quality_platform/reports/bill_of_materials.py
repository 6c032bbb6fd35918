"""A bill of materials in CycloneDX, of what the manifests and locks of a commit name.

The same commit gives the same document: its number and time are the commit's. Belongs here: the document. Does not
belong here: reading manifests (`analysis/dependencies/`).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from quality_platform import __version__

Form = Literal["json", "xml"]
TYPES = {"PyPI": "pypi", "npm": "npm", "crates": "cargo", "Go": "golang", "Packagist": "composer", "RubyGems": "gem",
         "Maven": "maven"}  # fmt: skip
"""Of a package URL, by ecosystem (https://github.com/package-url/purl-spec)."""

SCOPES = {"runtime": ComponentScope.REQUIRED, "optional": ComponentScope.OPTIONAL, "dev": ComponentScope.EXCLUDED}
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:quality-platform:sbom")


def document(
    name: str, commit: str, committed_at: datetime, named: Iterable[Mapping[str, Any]], form: Form = "json"
) -> str:
    """CycloneDX 1.6 of the packages `named`: rows of `code_dependencies`, each with the `path` that names it.

    Where a lock pins a package, what manifests ask for of it is left out; of what nothing pins, the version is open.
    """
    bom = Bom(serial_number=uuid.uuid5(NAMESPACE, f"{name} {commit}"))
    bom.metadata.timestamp = committed_at
    bom.metadata.component = Component(
        name=name, version=commit, type=ComponentType.APPLICATION, bom_ref=f"{name}@{commit}"
    )
    bom.metadata.properties.add(Property(name="quality-platform:version", value=__version__))
    parts = [_component(row) for row in _settled(list(named))]
    bom.components.update(parts)
    bom.register_dependency(bom.metadata.component, parts)
    output = make_outputter(bom, OutputFormat.JSON if form == "json" else OutputFormat.XML, SchemaVersion.V1_6)
    return output.output_as_string(indent=2)


def _settled(named: list[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    """Each package and version once, the gravest scope of it; ranges only of what is pinned nowhere."""
    pinned = {(row["ecosystem"], row["name"]) for row in named if row["version"] is not None}
    found: dict[tuple[object, ...], Mapping[str, Any]] = {}
    for row in sorted(named, key=lambda each: (list(SCOPES).index(each["scope"]), each["path"])):
        package = row["ecosystem"], row["name"]
        if row["version"] is not None or package not in pinned:
            found.setdefault((*package, row["version"]), row)
    return [found[key] for key in sorted(found, key=str)]


def _component(row: Mapping[str, Any]) -> Component:
    namespace, _, name = row["name"].replace(":", "/").rpartition("/")
    url = PackageURL(TYPES[row["ecosystem"]], namespace or None, name, row["version"])
    where = [Property(name="quality-platform:path", value=row["path"])]
    if row["version"] is None and row["specifier"]:
        where.append(Property(name="quality-platform:specifier", value=row["specifier"]))
    return Component(
        name=row["name"], version=row["version"], purl=url, bom_ref=str(url), scope=SCOPES[row["scope"]],
        properties=where, licenses=_licences(row["licence"]),
    )  # fmt: skip


def _licences(text: str | None) -> list[License]:
    """What a lock names: an SPDX name, an expression, or as it stands."""
    return [LicenseFactory().make_from_string(text)] if text else []
