"""Whether a configuration names sources that the live service reads by itself.

Belongs here: the question, for the process that decides whether another one must run. Does not belong here: finding
and reading them, which takes the collectors and their libraries.
"""

from __future__ import annotations

from quality_platform.configuration.effective import SELF
from quality_platform.model.configuration import ProjectConfig, QualityConfig


def has_live_sources(config: QualityConfig) -> bool:
    """Whether there are probes, targets, or files of a project other than the platform; they need not be there yet."""
    return any(project.status == "active" and _has_any(project) for project in config.projects)


def _has_any(project: ProjectConfig) -> bool:
    files = project.id != SELF and (project.logs or project.events or project.access_logs)
    return bool(files or project.probes or project.scrape)
