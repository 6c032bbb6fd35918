"""What the pages show is true: links lead somewhere, verbs exist, YAML is a configuration, SQL names real columns."""

from __future__ import annotations

import re
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from docs.generate.markdown import slug
from docs.generate.models import models
from docs.generate.pages import PAGES
from docs.generate.verbs import verbs
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.tables import BATCHES, RAW_TABLES
from quality_platform.model.tables_marts import MART_TABLES
from quality_platform_tests.architecture.tree import ROOT, lines, short

with warnings.catch_warnings():
    # an optional part of it, which another package installs, says of itself that it is old
    warnings.simplefilter("ignore", DeprecationWarning)
    import sqlglot
    from sqlglot import exp
    from sqlglot.optimizer.qualify import qualify

DOCS = ROOT / "docs"
WRITTEN = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md")))
BY_HAND = (
    "README.md",
    "architecture.md",
    "lineage.md",
    "operations.md",
    "analysts.md",
    "access.md",
    "alerting.md",
    "detection.md",
    "live-service.md",
    "routing.md",
    "rules-testing.md",
)

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_every_page_is_there_and_in_the_list() -> None:
    present = {path.name for path in DOCS.glob("*.md")}

    assert present >= {*BY_HAND, *(page.file for page in PAGES)}
    assert present - {"README.md"} <= set(LINK.findall(_text(DOCS / "README.md"))), "docs/README.md lists every page"


@pytest.mark.parametrize("path", WRITTEN, ids=short)
def test_links_lead_somewhere(path: Path) -> None:
    text = FENCE.sub("", _text(path))
    dead = [link for link in LINK.findall(text) if not _leads_somewhere(path, link)]

    assert not dead


def _leads_somewhere(path: Path, link: str) -> bool:
    if link.startswith(("https://", "mailto:")):
        return True
    name, _, anchor = link.partition("#")
    target = (path.parent / name).resolve() if name else path
    return target.exists() and (not anchor or anchor in {slug(heading) for heading in HEADING.findall(_text(target))})


@pytest.mark.parametrize("path", WRITTEN, ids=short)
def test_verbs_in_the_text_exist(path: Path) -> None:
    known = {verb.name.split()[0] for verb in verbs()}
    named = set(re.findall(r"(?:^\$ |`)quality-platform ([a-z]+)", _text(path), re.MULTILINE))

    assert named <= known


@pytest.mark.parametrize("path", WRITTEN, ids=short)
def test_yaml_in_the_text_is_a_configuration(path: Path) -> None:
    for kind, block in FENCE.findall(_text(path)):
        if kind == "yaml":
            content = yaml.safe_load(block)
            QualityConfig.model_validate({"channels": content} if isinstance(content, list) else content)


def _queries() -> list[Any]:
    found = []
    for path in WRITTEN:
        blocks = [block for kind, block in FENCE.findall(_text(path)) if kind == "sql" and "ATTACH" not in block]
        found += [pytest.param(block, id=f"{path.name}-{number}") for number, block in enumerate(blocks, start=1)]
    return found


@pytest.mark.parametrize("query", _queries())
def test_sql_in_the_text_names_tables_and_columns_that_exist(query: str) -> None:
    tree = sqlglot.parse_one(query, dialect="duckdb")

    assert all(table.db and table.name in _columns()[table.db] for table in tree.find_all(exp.Table))
    # raises where a column is in none of the tables
    qualify(tree, dialect="duckdb", schema=_columns(), validate_qualify_columns=True)


@cache
def _columns() -> dict[str, Any]:
    """Columns by schema and table, as documented; to sqlglot, a catalog of two parts is a schema."""
    raw = {table.name: {column.name: column.sql for column in table.stored} for table in RAW_TABLES.values()}
    raw[BATCHES.name] = {column.name: column.sql for column in BATCHES.columns}
    marts = {table.name: {column.name: column.sql for column in table.columns} for table in MART_TABLES.values()}
    marts |= {model.name: {name: "unknown" for name, _ in model.columns} for model in models()}
    return {"raw": raw, "marts": marts}


def test_the_query_test_sees_a_wrong_column() -> None:
    with pytest.raises(sqlglot.errors.OptimizeError):
        test_sql_in_the_text_names_tables_and_columns_that_exist("SELECT nothing_like_it FROM marts.sessions")


@pytest.mark.parametrize("path", [DOCS / name for name in BY_HAND], ids=short)
def test_written_pages_are_short(path: Path) -> None:
    assert lines(path) < 200
