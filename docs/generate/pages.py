"""The generated pages in one visible list: file, title, what each is made from, and what its template is given.

Belongs here: the list and its rendering. Does not belong here: finding the facts (`contexts.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import jinja2

from docs.generate import contexts, markdown

TEMPLATES = Path(__file__).resolve().parent / "templates"


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `made_from` are paths in the repository; the template is the page's file with `.j2` after it."""

    file: str
    title: str
    made_from: tuple[str, ...]
    context: Callable[[], Mapping[str, object]]


PAGES: tuple[Page, ...] = (
    Page(
        "metrics.md",
        "Metrics",
        ("quality_platform/model/metrics.py", "quality_platform/model/metrics_live.py"),
        contexts.metrics,
    ),
    Page(
        "tables.md",
        "Tables",
        ("quality_platform/model/tables.py", "quality_platform/model/tables_marts.py", "dbt_models/models"),
        contexts.tables,
    ),
    Page(
        "rules.md", "Rules", ("quality_platform/model/rules.py", "quality_platform/rules/defaults.py"), contexts.rules
    ),
    Page("channels.md", "Channels", ("quality_platform/model/channels.py",), contexts.channels),
    Page("settings.md", "Settings", ("quality_platform/settings.py",), contexts.settings),
    Page("configuration.md", "Configuration", ("quality_platform/model/configuration.py",), contexts.configuration),
    Page("cli.md", "Command line", ("quality_platform/cli/main.py",), contexts.command_line),
    Page("collectors.md", "Collectors", ("quality_platform/collectors/registry.py",), contexts.collectors),
    Page("ingest.md", "Doors of the live service", ("quality_platform/api/ingest/registry.py",), contexts.doors),
)


def render(page: Page) -> str:
    """The page's text. Raises jinja2.TemplateError where a template asks for what is not there."""
    sources = ", ".join(f"[`{path}`](../{path})" for path in page.made_from)
    template = f"[its template](generate/templates/{page.file}.j2)"
    made = f"Made by `make docs` from {sources}; its words stand in {template}. Edit those, not this page."
    body = _environment().get_template(f"{page.file}.j2").render(page.context())
    return f"# {page.title}\n\n*{made}*\n\n{body.strip()}\n"


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(  # noqa: S701 - it makes Markdown out of our own words
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {"table": markdown.table}
    environment.filters |= {"code": markdown.code}
    return environment
