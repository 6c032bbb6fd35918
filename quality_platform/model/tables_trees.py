"""Contracts of the raw tables about a whole repository, as it is now: what no single content says."""

from __future__ import annotations

from quality_platform.model.columns import Column, Table
from quality_platform.model.tables_code import COMMIT, PATH, count

CODE_DUPLICATES = Table(
    name="code_duplicates",
    description="Blocks of at least 50 tokens and 5 lines that stand in several places of a commit's tree, in groups.",
    grain="one row per project, commit, group and place",
    key=("project", "commit_sha", "clone_group", "path", "start_line"),
    columns=(
        COMMIT,
        count("clone_group", "Number of the group within the commit, from 1, the longest block first.", required=True),
        Column("kind", "string", "Token for token, or with other names.", required=True, allowed=("exact", "renamed")),
        PATH,
        count("start_line", "First line, from 1.", required=True),
        count("end_line", "Last line.", required=True),
        count("tokens", "Tokens of the block.", required=True),
    ),
)

CODE_IMPORTS = Table(
    name="code_imports",
    description="What the Python files of a commit's tree import: each other, and packages.",
    grain="one row per project, commit, file and module that it imports",
    key=("project", "commit_sha", "path", "module"),
    columns=(
        COMMIT,
        PATH,
        count("line", "Line of the first of such imports, from 1.", required=True),
        Column("module", "string", "What is imported, by its full name.", required=True, max_length=1000),
        Column("target", "string", "File of the tree that it means; null for another package.", max_length=4096),
        Column("deferred", "boolean", "Whether it stands inside a function or condition.", required=True),
        count("cycle", "Circle of imports at the top that it is a part of, by number; null for none."),
    ),
)

CODE_PRACTICES = Table(
    name="code_practices",
    description="How a project is kept, by the files of a commit's tree: the checks of Scorecard that need no more.",
    grain="one row per project, commit and check",
    key=("project", "commit_sha", "name"),
    columns=(
        COMMIT,
        Column("name", "string", "Scorecard's name of the check.", required=True, max_length=100),
        Column("score", "double", "0 to 10; null where there is nothing to judge.", minimum=0, maximum=10),
        Column("reason", "string", "Why.", required=True, max_length=300),
        Column("evidence", "strings", "Up to five paths.", required=True),
    ),
)

CODE_TAGS = Table(
    name="code_tags",
    description="The tags of a repository, as they were when they were last looked at.",
    grain="one row per project, look and tag",
    key=("project", "name"),
    columns=(
        Column("name", "string", "Tag.", required=True, max_length=250),
        COMMIT,
    ),
)

TREE_TABLES = (CODE_DUPLICATES, CODE_IMPORTS, CODE_PRACTICES, CODE_TAGS)
