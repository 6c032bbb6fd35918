"""Contracts of the raw tables that a repository scan fills.

Facts about content are stored once per blob (the hash of the content), facts about history once per
commit; `code_files` ties the two. A commit's numbers are a join, exact on any history.
"""

from __future__ import annotations

from quality_platform.model.columns import Column, Table

SEVERITIES = ("critical", "high", "medium", "low", "info")
CONFIDENCES = ("high", "medium", "low")


def count(name: str, description: str, *, required: bool = False) -> Column:
    """A column of whole numbers from 0."""
    return Column(name, "integer", description, required=required, minimum=0)


BLOB = Column("blob_id", "string", "Git's hash of the file's content.", required=True, max_length=64)
COMMIT = Column("commit_sha", "string", "Full hash of the commit.", required=True, max_length=64)
PATH = Column("path", "string", "Path in the repository, with forward slashes.", required=True, max_length=4096)

CODE_COMMITS = Table(
    name="code_commits",
    description="Commits that were read.",
    grain="one row per project and commit",
    key=("project", "commit_sha"),
    columns=(
        COMMIT,
        Column("tree_sha", "string", "Hash of the commit's tree.", required=True),
        Column("parents", "strings", "Parents' hashes; empty for a root.", required=True),
        Column("author", "string", "Author's name as in the commit (mailmap applied).", max_length=500),
        Column("author_key", "string", "Keyed hash of the author's mail address.", required=True),
        Column("authored_at", "timestamp", "Author's date.", required=True),
        Column("committed_at", "timestamp", "Committer's date.", required=True),
        Column("subject", "string", "First line of the message.", max_length=1000),
        Column("on_main", "boolean", "Reached from HEAD through first parents only.", required=True),
        count("position", "Place in topological order, counted from the root of the history.", required=True),
    ),
)

CODE_FILES = Table(
    name="code_files",
    description="Which blob stood at which path in which commit; links and submodules are left out.",
    grain="one row per project, commit and path",
    key=("project", "commit_sha", "path"),
    columns=(
        COMMIT,
        PATH,
        BLOB,
        Column("language", "string", "Language by the file's name, or null.", max_length=40),
    ),
    sorted_by=("project", "commit_sha", "path"),
)

CODE_CHANGES = Table(
    name="code_changes",
    description="Lines that a commit added and removed in each file, against its first parent.",
    grain="one row per project, commit and path",
    key=("project", "commit_sha", "path"),
    columns=(
        COMMIT,
        PATH,
        count("lines_added", "Lines added; null for a binary file."),
        count("lines_removed", "Lines removed; null for a binary file."),
    ),
)

CODE_FILE_METRICS = Table(
    name="code_file_metrics",
    description="Size, complexity and maintainability of each distinct file content: radon's numbers for Python, "
    "their like for other languages.",
    grain="one row per project and blob",
    key=("project", "blob_id"),
    columns=(
        BLOB,
        Column("language", "string", "Language that it was analysed as.", max_length=40),
        Column("engine", "string", "Who computed the numbers, with its version.", required=True),
        Column("parser", "string", "Who read it; null when nothing could.", allowed=("ast", "tree-sitter")),
        Column("analysed", "boolean", "False where a part of the content could not be analysed.", required=True),
        Column("reason", "string", "Why it was not analysed as a whole.", max_length=500),
        count("bytes", "Size of the content.", required=True),
        count("unparsed_bytes", "Bytes of it that no parser made anything of.", required=True),
        count("lines_of_code", "All lines (radon's loc)."),
        count("source_lines", "Lines of source (radon's sloc)."),
        count("logical_lines", "Logical lines (radon's lloc)."),
        count("comment_lines", "Lines with a comment (radon's comments)."),
        count("multi_lines", "Lines of multi-line strings (radon's multi)."),
        count("blank_lines", "Blank lines (radon's blank)."),
        count("cyclomatic_complexity", "Sum over the file's functions, classes and module level."),
        count("max_complexity", "Highest cyclomatic complexity of one function or class."),
        count("functions", "Functions and methods."),
        count("classes", "Classes."),
        Column("halstead_volume", "double", "Halstead volume, in bits.", minimum=0),
        Column("halstead_effort", "double", "Halstead effort.", minimum=0),
        Column("maintainability_index", "double", "Radon's index, 0-100.", minimum=0, maximum=100),
        count("cognitive_complexity", "Cognitive complexity (Campbell 2017), summed."),
        count("decisions", "Places where the flow divides, with those that radon leaves out."),
        count("max_nesting", "Deepest nesting of blocks."),
        count("suppressions", "Comments that tell a checker to be silent (noqa, nosec, type: ignore and the like)."),
    ),
)

CODE_FUNCTIONS = Table(
    name="code_functions",
    description="Functions, methods and classes of each distinct file content.",
    grain="one row per project, blob and block",
    key=("project", "blob_id", "qualified_name", "start_line"),
    columns=(
        BLOB,
        Column("kind", "string", "What it is.", required=True, allowed=("function", "method", "class")),
        Column("qualified_name", "string", "Name with the classes around it.", required=True, max_length=1000),
        count("start_line", "First line, from 1.", required=True),
        count("end_line", "Last line (Python's ast, not radon's).", required=True),
        count("cyclomatic_complexity", "Radon's complexity of the block.", required=True),
        Column("rank", "string", "Radon's rank.", required=True, allowed=tuple("ABCDEF")),
        count("cognitive_complexity", "Cognitive complexity (Campbell 2017), with what is defined inside."),
        count("decisions", "Places where its own flow divides, with those that radon leaves out."),
        count("max_nesting", "Deepest nesting of blocks in it."),
        count("parameters", "Parameters of a function, without self and cls; null for a class."),
    ),
)

CODE_FINDINGS = Table(
    name="code_findings",
    description="What a static analyser objects to in each distinct file content.",
    grain="one row per project, blob, rule and place",
    key=("project", "blob_id", "tool", "rule", "line", "column_number"),
    columns=(
        BLOB,
        Column("tool", "string", "Analyser.", required=True, max_length=40),
        Column("rule", "string", "Rule's identifier.", required=True, max_length=100),
        Column("title", "string", "Rule's name in words.", max_length=300),
        Column("category", "string", "Area of the finding.", required=True, allowed=("security", "error", "style")),
        Column("severity", "string", "How bad.", required=True, allowed=SEVERITIES),
        Column("confidence", "string", "How sure.", required=True, allowed=CONFIDENCES),
        Column("cwe", "integer", "Number in the Common Weakness Enumeration.", minimum=1),
        count("line", "First line, from 1; 0 for the whole file.", required=True),
        count("end_line", "Last line.", required=True),
        count("column_number", "Column, from 0.", required=True),
        Column("message", "string", "The analyser's sentence.", required=True, max_length=2000),
        Column("snippet_hash", "string", "Hash of the line's text without white space; follows moved code."),
    ),
)

CODE_DEPENDENCIES = Table(
    name="code_dependencies",
    description="Packages that each distinct manifest or lock file names.",
    grain="one row per project, blob, package, specifier and scope",
    key=("project", "blob_id", "ecosystem", "name", "specifier", "scope"),
    columns=(
        BLOB,
        Column(
            "ecosystem",
            "string",
            "Registry: PyPI, npm, crates, Go, Packagist, RubyGems, Maven.",
            required=True,
            max_length=40,
        ),
        Column("name", "string", "Package, as its registry compares names.", required=True, max_length=1000),
        Column("specifier", "string", "What the file asks for; empty for any version.", required=True, max_length=1000),
        Column("version", "string", "The one version that it allows; null when it allows several.", max_length=1000),
        Column("scope", "string", "What it is for.", required=True, allowed=("runtime", "dev", "optional")),
        Column("locked", "boolean", "Whether the file is a lock, or pins by hash.", required=True),
        Column("marker", "string", "Condition on the platform, where there is one.", max_length=1000),
        Column("licence", "string", "Licence, where the file names one (npm's locks do).", max_length=1000),
        Column("released_at", "timestamp", "When the pinned version was uploaded, where the file says so (uv's do)."),
    ),
)

CODE_ANALYSES = Table(
    name="code_analyses",
    description="Which tool has looked at which content: once with each version of it.",
    grain="one row per project, blob, tool and version",
    key=("project", "blob_id", "tool", "tool_version"),
    columns=(
        BLOB,
        Column("tool", "string", "Who looked: numbers, ruff, bandit and so on.", required=True, max_length=40),
        Column("tool_version", "string", "Its version and that of its rules.", required=True, max_length=200),
    ),
)

CODE_COVERAGE = Table(
    name="code_coverage",
    description="Test coverage found beside a repository, for the commit it was measured on.",
    grain="one row per project, commit, report and path",
    key=("project", "commit_sha", "report", "path"),
    columns=(
        COMMIT,
        PATH,
        Column("report", "string", "File that the numbers were read from.", required=True, max_length=4096),
        Column("format", "string", "Its format.", required=True, allowed=("coverage.py", "cobertura", "lcov")),
        count("lines_executable", "Lines that could run.", required=True),
        count("lines_covered", "Lines that ran.", required=True),
        count("branches_total", "Branches, where they were measured."),
        count("branches_covered", "Branches taken."),
        Column("executed_lines", "string", "Lines that ran, as 1-3,7; null where the report does not say which."),
        Column("missing_lines", "string", "Lines that could have run, likewise."),
        Column(
            "new_lines",
            "string",
            "Lines that the commit brought, against its first parent, likewise; null where a shallow clone lacks that.",
        ),
        Column("measured_at", "timestamp", "When the report was written.", required=True),
    ),
)

CODE_TABLES = (
    CODE_COMMITS,
    CODE_FILES,
    CODE_CHANGES,
    CODE_FILE_METRICS,
    CODE_FUNCTIONS,
    CODE_FINDINGS,
    CODE_ANALYSES,
    CODE_DEPENDENCIES,
    CODE_COVERAGE,
)
