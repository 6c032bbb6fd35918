"""Checks of GitHub's workflows and of Dockerfiles. Does not belong here: checks by name alone (`files.py`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import yaml

from quality_platform.analysis.practices.check import BEST, MOST_EVIDENCE, Practice, Tree, present, share

WORKFLOW = re.compile(r"\.github/workflows/[^/]+\.ya?ml")
DOCKERFILE = re.compile(r"(?:.*/)?(?:Dockerfile|Containerfile)(?:[-.][^/]*)?")
ANALYSERS = re.compile(
    r"github/codeql-action|sonarsource/|sonarcloud|semgrep|\bbandit\b|snyk/|shiftleft|\bzizmor\b", re.IGNORECASE
)
MOST_STEPS = 2000
LONGEST = 256 * 1024

PINNED = re.compile(r"(?:\./.*|docker://.*@sha256:[0-9a-f]{64}|[^@\s]+@[0-9a-f]{40})")
USES = re.compile(r"^\s*(?:-\s*)?uses:\s*[\"']?([^\s\"'#]+)", re.MULTILINE)
FROM = re.compile(r"^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", re.MULTILINE | re.IGNORECASE)
UNTRUSTED = re.compile(
    r"\$\{\{[^}]{0,200}github\.(?:head_ref|event\.(?:issue|pull_request|comment|review|review_comment|discussion|pages|"
    r"commits|head_commit|workflow_run)[\w.*\[\]]{0,100}\.(?:title|body|message|email|name|ref|label|page_name|"
    r"head_branch|default_branch))"
)
HEAD_OF_STRANGER = re.compile(r"github\.(?:event\.pull_request\.head|event\.workflow_run\.head|head_ref)")
FOR_STRANGERS = ("pull_request_target", "workflow_run")
WRITES = ("write", "write-all")


def workflows(tree: Tree) -> dict[str, Mapping[Any, Any]]:
    """The workflows that can be read, by path."""
    found: dict[str, Mapping[Any, Any]] = {}
    for path, text in tree.texts.items():
        if WORKFLOW.fullmatch(path) and len(text) <= LONGEST:
            try:
                content = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both safe
            except (yaml.YAMLError, ValueError, RecursionError):
                continue
            if isinstance(content, dict):
                found[path] = content
    return found


def dangerous(tree: Tree) -> Practice:
    """A stranger's words in a script, or a stranger's code checked out with the project's rights."""
    known = workflows(tree)
    if not known:
        return Practice("Dangerous-Workflow", None, "there is no workflow", [])
    bad = sorted(path for path, content in known.items() if _is_dangerous(content))
    reason = "a stranger can run code with the project's rights" if bad else "none of the known patterns"
    return Practice("Dangerous-Workflow", 0.0 if bad else BEST, reason, bad[:MOST_EVIDENCE])


def permissions(tree: Tree) -> Practice:
    """Workflows whose token may read alone, but for what a job asks for."""
    known = workflows(tree)
    bad = [path for path, content in known.items() if not _is_restrained(content)]
    return share(
        "Token-Permissions", len(known) - len(bad), bad, "workflows restrict their token", "there is no workflow"
    )


def pinned(tree: Tree) -> Practice:
    """Actions and images by hash, which nobody can exchange."""
    good, bad = 0, []
    for path, name in _parts(tree):
        if PINNED.fullmatch(name) or "@sha256:" in name:
            good += 1
        else:
            bad.append(path)
    return share("Pinned-Dependencies", good, bad, "actions and images are pinned by hash", "there are none")


def analysis(tree: Tree) -> Practice:
    """A static analyser in a workflow or a hook."""
    found = [path for path, text in tree.texts.items() if not DOCKERFILE.fullmatch(path) and ANALYSERS.search(text)]
    return present("SAST", found, "an analyser is run", "no known analyser of security is run")


def _parts(tree: Tree) -> Iterator[tuple[str, str]]:
    for path, text in tree.texts.items():
        if WORKFLOW.fullmatch(path):
            yield from ((path, name) for name in USES.findall(text))
        elif DOCKERFILE.fullmatch(path):
            stages = {stage.lower() for _, stage in FROM.findall(text) if stage}
            yield from ((path, image) for image, _ in FROM.findall(text) if image.lower() not in {*stages, "scratch"})


def _is_dangerous(content: Mapping[Any, Any]) -> bool:
    for_strangers = any(event in FOR_STRANGERS for event in _events(content))
    for step in islice(_steps(content), MOST_STEPS):
        if UNTRUSTED.search(_text(step.get("run"))):
            return True
        given = step.get("with")
        if for_strangers and isinstance(given, dict) and HEAD_OF_STRANGER.search(_text(given.get("ref"))):
            return True
    return False


def _text(value: object) -> str:
    return value[:LONGEST] if isinstance(value, str) else ""


def _events(content: Mapping[Any, Any]) -> tuple[str, ...]:
    found = content.get("on", content.get(True))  # YAML 1.1 reads `on` as a truth
    if isinstance(found, str):
        return (found,)
    # aliases may nest without end: nothing but a text is turned into text
    names = islice(found, 100) if isinstance(found, list | dict) else ()
    return tuple(each for each in names if isinstance(each, str))


def _steps(content: Mapping[Any, Any]) -> Iterator[Mapping[Any, Any]]:
    jobs = content.get("jobs")
    for job in jobs.values() if isinstance(jobs, dict) else ():
        steps = job.get("steps") if isinstance(job, dict) else None
        yield from (step for step in (steps if isinstance(steps, list) else ()) if isinstance(step, dict))


def _is_restrained(content: Mapping[Any, Any]) -> bool:
    top = content.get("permissions")
    if top is None:
        jobs = content.get("jobs")
        each = list(jobs.values()) if isinstance(jobs, dict) else []
        return bool(each) and all(isinstance(job, dict) and "permissions" in job for job in each)
    if isinstance(top, str):
        return top not in WRITES
    return not (isinstance(top, dict) and any(value in WRITES for value in top.values()))
