"""The shape of `quality.yaml`: projects with their sources, the host, rules, channels, the report.

Belongs here: pydantic models and the checks that need nothing but the values. Does not belong here:
reading the file and its line numbers (`configuration/`).
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from quality_platform.model.channels import ChannelConfig
from quality_platform.model.gate import GateCondition
from quality_platform.model.licences import LicencePolicy
from quality_platform.model.live_sources import AccessLogSource, ForgeSource, Probe, Quota, ScrapeTarget
from quality_platform.model.routing import EscalationPolicy, Inhibition, MuteWindow, RoutingConfig
from quality_platform.model.rules import RuleConfig
from quality_platform.model.sections import ProjectId, Section


class RepositorySource(Section):
    """A git repository, by path or URL."""

    url: str = Field(description="Path of a checkout or bare repository, or an https, ssh or file URL.")
    history: int | None = Field(default=None, ge=1, description="Commits to read; by default the setting `history`.")
    findings: tuple[Literal["ruff", "bandit", "taint", "secrets"], ...] = Field(
        default=("ruff", "bandit", "taint", "secrets"),
        description="Who looks for findings; `taint` follows users' input, `secrets` looks at every text. "
        "Bandit takes ten times as long as all else.",
    )
    numbers: Literal["quality_platform", "radon"] = Field(
        default="quality_platform", description="Who computes the numbers of Python files; they are the same."
    )


class LogSource(Section):
    """Log files that errors are read from."""

    paths: tuple[str, ...] = Field(min_length=1, description="Files or globs (** allowed).")
    format: Literal["auto", "json", "traceback", "syslog", "text"] = Field(
        default="auto", description="How to read them; auto looks at each line."
    )
    release: str | None = Field(default=None, description="Release to note on every event.")
    environment: str | None = Field(default=None, description="Environment to note on every event.")


class EventMapping(Section):
    """Which field of a line holds what. A dotted name reaches into objects."""

    event_id: str = Field(default="event_id", description="Stable identity; made from place and content if absent.")
    event_name: str = Field(default="event", description="What happened.")
    event_time: str = Field(default="timestamp", description="When: ISO 8601 or seconds since 1970.")
    user: str = Field(default="user", description="The user's identifier; only its keyed hash is stored.")
    session: str = Field(default="session", description="The client's session.")
    feature: str = Field(default="feature", description="Feature that it belongs to.")
    release: str = Field(default="release", description="Release of the application.")
    environment: str = Field(default="environment", description="Environment.")


class EventSource(Section):
    """Files of usage events."""

    paths: tuple[str, ...] = Field(min_length=1, description="Files or globs (** allowed).")
    format: Literal["jsonl", "csv"] = Field(default="jsonl", description="JSON lines, or CSV with a header.")
    mapping: EventMapping = Field(default_factory=EventMapping, description="Where the values stand in a line.")
    drop: tuple[str, ...] = Field(default=(), description="Properties that are never stored.")


class SarifSource(Section):
    """Reports of other scanners, in SARIF."""

    paths: tuple[str, ...] = Field(min_length=1, description="Files or globs (** allowed).")


class ReviewSource(Section):
    """Pull or merge requests, as a forge exports them."""

    paths: tuple[str, ...] = Field(min_length=1, description="Files or globs (** allowed).")


class ProjectConfig(Section):
    """A monitored system and its sources."""

    id: ProjectId = Field(description="Short name; letters, digits, dots, dashes, underscores.")
    name: str | None = Field(default=None, description="Name for people.")
    description: str | None = Field(default=None, description="What it is.")
    owner: str | None = Field(default=None, description="Who answers for it.")
    status: Literal["active", "paused", "archived"] = Field(
        default="active", description="A paused or archived project collects and alerts nothing."
    )
    repository: RepositorySource | None = Field(default=None, description="Its repository.")
    logs: tuple[LogSource, ...] = Field(default=(), description="Its error logs.")
    events: tuple[EventSource, ...] = Field(default=(), description="Its usage events.")
    sarif: tuple[SarifSource, ...] = Field(default=(), description="What other scanners report of it.")
    reviews: tuple[ReviewSource, ...] = Field(default=(), description="Its pull or merge requests, as exported.")
    forge: ForgeSource | None = Field(default=None, description="Where its pull or merge requests are asked for.")
    access_logs: tuple[AccessLogSource, ...] = Field(default=(), description="Its web servers' access logs.")
    probes: tuple[Probe, ...] = Field(default=(), max_length=500, description="What must answer.")
    scrape: tuple[ScrapeTarget, ...] = Field(default=(), max_length=500, description="Where it shows metrics.")
    quota: Quota = Field(default_factory=Quota, description="What its clients may send.")

    @model_validator(mode="after")
    def _has_one_of_each_name(self) -> Self:
        for kind, names in (("probes", [p.name for p in self.probes]), ("scrape", [t.name for t in self.scrape])):
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise ValueError(f"{kind}: the name {twice!r} is there twice")
        return self


class SystemSource(Section):
    """The host that the platform runs on."""

    enabled: bool = Field(default=True, description="Whether to sample the host.")
    project: ProjectId | None = Field(default=None, description="Project of the samples; default the platform itself.")
    processes: tuple[str, ...] = Field(default=(), description="Names of processes to sample besides the platform's.")


class AdvisorySource(Section):
    """A database of published vulnerabilities, as OSV records."""

    path: str | None = Field(default=None, description="Folder, .zip or file of lines with OSV records.")
    url: str | None = Field(
        default=None, pattern=r"^https?://\S+$", max_length=2000,
        description="Address of a .zip of OSV records, fetched once a day.",
    )  # fmt: skip

    @model_validator(mode="after")
    def _has_one_place(self) -> Self:
        if (self.path is None) == (self.url is None):
            raise ValueError("advisories: give path or url")
        return self


class ReportConfig(Section):
    """The daily report."""

    at: str = Field(default="07:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Time of day.")
    timezone: str = Field(default="UTC", description="IANA time zone of that time.")
    days: int = Field(default=7, ge=1, le=366, description="Days that it looks back on.")
    channels: tuple[str, ...] = Field(default=(), description="Channels that it is sent to.")


class QualityConfig(Section):
    """The whole file."""

    projects: tuple[ProjectConfig, ...] = Field(default=(), description="The monitored systems.")
    system: SystemSource = Field(default_factory=SystemSource, description="The host.")
    advisories: AdvisorySource | None = Field(
        default=None, description="Published vulnerabilities that the projects' packages are looked up in."
    )
    licences: LicencePolicy = Field(default_factory=LicencePolicy, description="Which licences packages may have.")
    rules: tuple[RuleConfig, ...] | None = Field(default=None, description="Rules; absent means the defaults.")
    channels: tuple[ChannelConfig, ...] = Field(default=(), description="Where alerts and reports go.")
    routing: RoutingConfig | None = Field(
        default=None, description="Who is told of what; absent means that the channels' own filters say it."
    )
    mute_windows: tuple[MuteWindow, ...] = Field(
        default=(), max_length=1000, description="Times for routes to be silent in, or outside of."
    )
    inhibitions: tuple[Inhibition, ...] = Field(
        default=(), max_length=1000, description="Alerts that hold others back while they fire."
    )
    escalations: tuple[EscalationPolicy, ...] = Field(
        default=(), max_length=1000, description="Whom to tell when nobody acknowledges."
    )
    public_url: str | None = Field(
        default=None, pattern=r"^https?://\S+$", max_length=500,
        description="Where people reach the live service; messages link to alerts there.",
    )  # fmt: skip
    report: ReportConfig = Field(default_factory=ReportConfig, description="The daily report.")
    gate: tuple[GateCondition, ...] | None = Field(
        default=None, max_length=100, description="What a change may bring at most; absent means the defaults."
    )

    @model_validator(mode="after")
    def _has_one_of_each_name(self) -> Self:
        for kind, names in (
            ("mute_windows", [window.name for window in self.mute_windows]),
            ("escalations", [policy.name for policy in self.escalations]),
        ):
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise ValueError(f"{kind}: the name {twice!r} is there twice")
        return self
