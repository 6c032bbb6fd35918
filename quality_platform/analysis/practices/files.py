"""Checks that need no more than the names of files. Does not belong here: what is read (`workflows.py`)."""

from __future__ import annotations

import re

from quality_platform.analysis.practices.check import BEST, MOST_EVIDENCE, Practice, Tree, present

BINARY = re.compile(
    r".*\.(?:exe|dll|so|dylib|a|o|obj|lib|jar|war|ear|class|pyc|pyo|pyd|whl|egg|wasm|apk|ipa|deb|rpm|msi|dex|ko|crx|par)",
    re.IGNORECASE,
)
LICENCE = re.compile(
    r"(?:licen[cs]e|copying|unlicense)(?:[-.](?!(?:py|js|ts|go|rs|java|c|h)$)[\w.-]+)?|LICENSES/[^/]+", re.IGNORECASE
)
POLICY = re.compile(r"(?:\.github/|docs/)?security\.(?:md|rst|txt|adoc|markdown)", re.IGNORECASE)
UPDATES = re.compile(
    r"(?:\.github/dependabot\.ya?ml|(?:\.github/|\.gitlab/)?renovate\.json5?|\.renovaterc(?:\.json)?|\.pyup\.yml)"
)
FUZZING = re.compile(r"(?:\.clusterfuzzlite/.*|(?:.*/)?(?:fuzz|fuzzing|fuzzers)/.*|(?:.*/)?fuzz_[^/]*\.\w+)")
SBOM = re.compile(r"(?:.*/)?(?:[^/]*\.(?:spdx|cdx)\.(?:json|xml|ya?ml)|s?bom\.(?:json|xml)|[^/]*\.spdx)", re.IGNORECASE)


def binary_artifacts(tree: Tree) -> Practice:
    """A point less for each file that nobody can review."""
    found = sorted(path for path in tree.paths if BINARY.fullmatch(path))
    reason = f"{len(found)} binary files" if found else "no binary files"
    return Practice("Binary-Artifacts", max(0.0, BEST - len(found)), reason, found[:MOST_EVIDENCE])


def licence(tree: Tree) -> Practice:
    """A licence at the top."""
    return present("License", _matching(tree, LICENCE), "there is a licence", "there is no licence at the top")


def security_policy(tree: Tree) -> Practice:
    """How to report a fault."""
    return present(
        "Security-Policy", _matching(tree, POLICY), "there is a policy", "nothing says how to report a fault"
    )


def update_tool(tree: Tree) -> Practice:
    """A tool that proposes newer versions."""
    found = _matching(tree, UPDATES)
    return present("Dependency-Update-Tool", found, "a tool is set up", "no Dependabot, Renovate or PyUp is set up")


def fuzzing(tree: Tree) -> Practice:
    """A fuzzer in the tree."""
    return present("Fuzzing", _matching(tree, FUZZING), "there is a fuzzer", "there is no fuzzer in the tree")


def bill_of_materials(tree: Tree) -> Practice:
    """A list of parts in the tree."""
    return present("SBOM", _matching(tree, SBOM), "there is one in the tree", "there is none in the tree")


def _matching(tree: Tree, pattern: re.Pattern[str]) -> list[str]:
    return [path for path in tree.paths if pattern.fullmatch(path)]
