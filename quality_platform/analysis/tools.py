"""The tools that look at a content, and their versions: a content is looked at once by each version of each.

Does not belong here: what a tool does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import version

OWN = "quality_platform"

NUMBERS = "numbers"
BANDIT = "bandit"
RUFF = "ruff"
TAINT = "taint"
SECRETS = "secrets"
DEPENDENCIES = "dependencies"
TREE = "tree"
"""Who looks at HEAD as a whole: for copies, imports, and how the project is kept."""

TAINT_VERSION = "1"
SECRETS_VERSION = "1"
DEPENDENCIES_VERSION = "2"
TREE_VERSION = "1"
NUMBERS_VERSION = "1"
"""To be raised when any finding, or any number, of any content would come out otherwise."""


ALWAYS = (NUMBERS, DEPENDENCIES, TREE)
"""Those that nobody chooses."""

TEXT = "text"
"""Language of what is not analysed as code."""

OWN_VERSIONS = {TAINT: TAINT_VERSION, SECRETS: SECRETS_VERSION, DEPENDENCIES: DEPENDENCIES_VERSION,
                TREE: TREE_VERSION}  # fmt: skip

PYTHON_ALONE = frozenset((BANDIT, RUFF, TAINT))
"""Tools that read Python and nothing else."""


def tools_for(language: str, tools: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `tools` that have something to say of `language`; secrets may stand in any text."""
    if language == TEXT:
        return tuple(tool for tool in tools if tool == SECRETS)
    return tuple(tool for tool in tools if language == "python" or tool not in PYTHON_ALONE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a content is to be looked at by: `tools`, and who computes the numbers, `OWN` or `radon`."""

    tools: tuple[str, ...] = (NUMBERS,)
    numbers: str = OWN

    @property
    def versions(self) -> dict[str, str]:
        """Version of each tool; another version is another look."""
        return {tool: _version(tool, self.numbers) for tool in self.tools}


@cache
def _version(tool: str, numbers: str) -> str:
    if tool == NUMBERS:
        return f"{OWN} {NUMBERS_VERSION}" if numbers == OWN else f"radon {version('radon')}"
    if tool in OWN_VERSIONS:
        return f"{OWN} {OWN_VERSIONS[tool]}"
    if tool == RUFF:
        from quality_platform.analysis.python.ruff_rules import SELECTION_VERSION

        return f"ruff {version('ruff')}, rules {SELECTION_VERSION}"
    return f"{tool} {version(tool)}"
