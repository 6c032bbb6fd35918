"""The newest commit of a project, its files, and what the tools that looked last say of them: tables to ask.

Made once and asked often: planned anew for every question of a summary they took 50 ms each.
Does not belong here: any question (`newest_commit.py`, `newest_debt.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from quality_platform.warehouse.distinct_findings import KEYS, distinct
from quality_platform.warehouse.prepared import literal, rows

if TYPE_CHECKING:
    from quality_platform.warehouse.lake import Lake

Ask = Callable[..., list[dict[str, Any]]]

# of each tool its newest look at each content, and what it said then
TABLES = {
    "head": 'SELECT * FROM raw.code_commits WHERE project = ? AND on_main ORDER BY "position" DESC LIMIT 1',
    "files": "SELECT f.* FROM head JOIN raw.code_files f USING (project, commit_sha)",
    "looks": """
        FROM raw.code_analyses SEMI JOIN files USING (project, blob_id)
        QUALIFY row_number() OVER (PARTITION BY project, blob_id, tool ORDER BY ingested_at DESC, batch_id DESC) = 1
    """,
    "numbers": """
        SELECT m.* FROM raw.code_file_metrics m
        SEMI JOIN looks l ON l.project = m.project AND l.blob_id = m.blob_id AND l.batch_id = m.batch_id
    """,
    "objections": f"""
        SELECT f.path, g.*, {KEYS}
        FROM files f JOIN raw.code_findings g USING (project, blob_id)
        SEMI JOIN looks l ON l.project = g.project AND l.blob_id = g.blob_id AND l.batch_id = g.batch_id
            AND g.tool IN (l.tool, 'quality_platform')
    """,
    "findings": distinct("objections"),
    "functions": """
        SELECT f.path, u.* FROM files f JOIN numbers m USING (project, blob_id)
        JOIN raw.code_functions u ON u.project = f.project AND u.blob_id = f.blob_id AND u.batch_id = m.batch_id
        WHERE u.kind <> 'class'
    """,
    "pinned": """
        SELECT DISTINCT d.ecosystem, d.name, d.specifier, d.version, d.locked
        FROM files f JOIN raw.code_dependencies d USING (project, blob_id)
        SEMI JOIN looks l ON l.project = d.project AND l.blob_id = d.blob_id AND l.batch_id = d.batch_id
    """,
}


@contextmanager
def newest_tree(lake: Lake, project: str) -> Iterator[Ask]:
    """Asks `head` and the tables of `TABLES`, of `project`, as well as the lake: SQL and parameters to rows."""
    with lake.connect() as connection:
        connection.execute("BEGIN")  # one look at the catalog, and one state of it, for all
        for name, query in TABLES.items():
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}".replace("?", str(literal(project))))
        yield partial(rows, connection)
