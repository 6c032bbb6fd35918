"""The configuration in force: the file's, the repository of the settings, and the platform watching itself."""

from __future__ import annotations

import re
from pathlib import Path

from quality_platform.configuration import loader
from quality_platform.model.configuration import (
    EventSource,
    LogSource,
    ProjectConfig,
    QualityConfig,
    RepositorySource,
)
from quality_platform.model.live_sources import ForgeSource, Probe, ScrapeTarget
from quality_platform.settings import Settings

SELF = "quality-platform"
JSON_LINES = "*.jsonl"


def effective(settings: Settings) -> QualityConfig:
    """What applies now. Raises ConfigurationError when `quality.yaml` cannot be used."""
    path = loader.path_of(settings)
    config = loader.load(path) if path else QualityConfig()
    base = (path.parent if path else Path()).resolve()
    projects = [_absolute(project, base) for project in config.projects]
    if settings.repository:
        _add_repository(projects, absolute_url(settings.repository, Path.cwd()))
    if not any(project.id == SELF for project in projects):
        projects.append(ProjectConfig(id=SELF, name="quality_platform", description="The platform itself."))
    projects = [_watch_self(project, settings) if project.id == SELF else project for project in projects]
    system = config.system.model_copy(update={"project": config.system.project or SELF})
    advisories = config.advisories
    if advisories is not None and advisories.path is not None:
        advisories = advisories.model_copy(update={"path": _anchored((advisories.path,), base)[0]})
    return config.model_copy(update={"projects": tuple(projects), "system": system, "advisories": advisories})


def absolute_url(url: str, base: Path) -> str:
    """`url`, made absolute against `base` when it is a path; URLs and scp-like addresses stay as they are."""
    if "://" in url or re.match(r"^[\w.-]+@[\w.-]+:", url):
        return url
    return str((base / Path(url).expanduser()).resolve())


def project_id(url: str) -> str:
    """A project's short name from the path or URL of its repository."""
    trimmed = url.rstrip("/").removesuffix("/.git").removesuffix(".git")
    if "://" not in url and Path(url).expanduser().exists():
        trimmed = str(Path(url).expanduser().resolve()).removesuffix("/.git").removesuffix(".git")
    if _is_own_checkout(trimmed):
        return SELF
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", trimmed.rsplit("/", 1)[-1].rsplit(":", 1)[-1]).strip("-._")
    return name[:100] or "repository"


def _absolute(project: ProjectConfig, base: Path) -> ProjectConfig:
    """Paths in `quality.yaml` are meant from the folder it stands in, whatever folder a process runs in."""
    repository = project.repository
    if repository:
        repository = repository.model_copy(update={"url": absolute_url(repository.url, base)})
    changes: dict[str, object] = {"repository": repository}
    for name in ("logs", "events", "access_logs", "sarif", "reviews"):
        sources = getattr(project, name)
        changes[name] = tuple(source.model_copy(update={"paths": _anchored(source.paths, base)}) for source in sources)
    if project.forge is not None:
        changes["forge"] = _with_certificates(project.forge, base)
    for name in ("probes", "scrape"):
        changes[name] = tuple(_with_certificates(source, base) for source in getattr(project, name))
    return project.model_copy(update=changes)


def _with_certificates(source: Probe | ScrapeTarget | ForgeSource, base: Path) -> Probe | ScrapeTarget | ForgeSource:
    if source.ca_file is None:
        return source
    (path,) = _anchored((source.ca_file,), base)
    return source.model_copy(update={"ca_file": path})


def _anchored(paths: tuple[str, ...], base: Path) -> tuple[str, ...]:
    return tuple(str(base / Path(path).expanduser()) for path in paths)


def _is_own_checkout(path: str) -> bool:
    return Path(path) == Path(__file__).resolve().parents[2]


def _add_repository(projects: list[ProjectConfig], url: str) -> None:
    if any(project.repository and project.repository.url == url for project in projects):
        return
    wanted = project_id(url)
    for position, project in enumerate(projects):
        if project.id == wanted and project.repository is None:
            projects[position] = project.model_copy(update={"repository": RepositorySource(url=url)})
            return
    taken = {project.id for project in projects}
    name = next(n for n in (wanted, *(f"{wanted}-{i}" for i in range(2, 1000))) if n not in taken)
    projects.append(ProjectConfig(id=name, repository=RepositorySource(url=url)))


def _watch_self(project: ProjectConfig, settings: Settings) -> ProjectConfig:
    own_logs = LogSource(paths=(str(settings.logs_dir / JSON_LINES),), format="json")
    own_events = EventSource(paths=(str(settings.events_dir / JSON_LINES),))
    return project.model_copy(update={"logs": (*project.logs, own_logs), "events": (*project.events, own_events)})
