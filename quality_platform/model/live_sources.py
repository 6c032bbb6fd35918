"""Sections of a project that the platform reads by itself while it runs: access logs, probes, scrapes; and the quota.

Belongs here: pydantic models and the checks that need nothing but the values. Does not belong here: the files and
repositories of a project (`configuration.py`), or how a source is read (`collectors/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from quality_platform.model.sections import Section

Seconds = Annotated[int, Field(ge=1, le=86_400)]
Timeout = Annotated[float, Field(gt=0, le=60)]
SourceName = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
DurationUnit = Literal["auto", "seconds", "milliseconds", "microseconds", "nanoseconds"]


class AccessLogSource(Section):
    """Access logs of web servers."""

    paths: tuple[str, ...] = Field(min_length=1, description="Files or globs (** allowed).")
    format: Literal["auto", "text", "json"] = Field(
        default="auto", description="Common and combined log format, or JSON lines; auto looks at each line."
    )
    service: str | None = Field(
        default=None, max_length=200, description="Service that answers the requests; by default the project's name."
    )
    duration: DurationUnit = Field(
        default="auto",
        description="Unit of a duration that has no name or no unit, such as a number at the line's end; auto takes "
        "what is certain: named fields, and a number with decimals as seconds.",
    )
    environment: str | None = Field(default=None, max_length=200, description="Environment to note on every request.")


class ProbeExpectation(Section):
    """What makes a probe succeed, besides an answer."""

    status: tuple[Annotated[int, Field(ge=100, le=599)], ...] = Field(
        default=(), description="HTTP statuses that are right; by default 200 to 399."
    )
    body: str | None = Field(
        default=None, min_length=1, max_length=1000, description="Text that the answer's first 1 MiB holds."
    )
    processes: int = Field(default=1, ge=1, description="Processes of that name that must run.")


class Probe(Section):
    """Whether something answers: an address by HTTP or TCP, or a process of this host. One of the three."""

    name: SourceName = Field(description="Name of the series; unique in the project.")
    http: str | None = Field(
        default=None, pattern=r"^https?://[^\s/?#@]+", description="Address to GET: http or https, private ones too."
    )
    tcp: str | None = Field(default=None, pattern=r"^\S+:\d{1,5}$", description="host:port to connect to.")
    process: str | None = Field(default=None, min_length=1, max_length=200, description="Name of a process.")
    interval_seconds: Seconds = Field(default=30, description="Seconds from one try to the next.")
    timeout_seconds: Timeout = Field(default=10.0, description="Seconds that a try may take, all in all.")
    expect: ProbeExpectation = Field(default_factory=ProbeExpectation, description="What makes it succeed.")
    follow_redirects: bool = Field(default=False, description="Whether redirects are followed, five at most.")
    ca_file: str | None = Field(default=None, description="Certificates to trust; by default the public authorities.")

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if sum(value is not None for value in (self.http, self.tcp, self.process)) != 1:
            raise ValueError("give one of http, tcp and process")
        return self


class ScrapeTarget(Section):
    """An address that shows metrics in Prometheus' text format or as OpenMetrics."""

    name: SourceName = Field(description="Name of the target, the subject of its series; unique in the project.")
    url: str = Field(pattern=r"^https?://[^\s/?#@]+", description="Address to GET: http or https, private ones too.")
    interval_seconds: Seconds = Field(default=60, description="Seconds from one scrape to the next.")
    timeout_seconds: Timeout = Field(default=10.0, description="Seconds that a scrape may take, all in all.")
    bearer_token: SecretStr | None = Field(default=None, description="Token to send; env:NAME reads the variable NAME.")
    labels: Mapping[str, str] = Field(default_factory=dict, description="Labels to add to every sample.")
    ca_file: str | None = Field(default=None, description="Certificates to trust; by default the public authorities.")

    @field_validator("labels")
    @classmethod
    def _are_few(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        if len(value) > 30 or any(len(text) > 200 for pair in value.items() for text in pair):
            raise ValueError("at most 30 labels of at most 200 characters")
        return value


class ForgeSource(Section):
    """Where the pull or merge requests are: a project in the API of GitHub or GitLab, public or your own."""

    url: str = Field(
        pattern=r"^https?://[^\s/?#@]+/[^\s?#]*[^\s?#/]$",
        description="https://api.github.com/repos/OWNER/NAME, https://HOST/api/v3/repos/OWNER/NAME, or "
        "https://HOST/api/v4/projects/ID of GitLab (ID a number, or the path with %2F for each /).",
    )
    token: SecretStr | None = Field(
        default=None,
        description="Token that may read requests; env:NAME reads the variable NAME. Without one GitHub answers 60 "
        "times an hour.",
    )
    interval_seconds: Seconds = Field(default=900, description="Seconds from one look to the next.")
    timeout_seconds: Timeout = Field(default=30.0, description="Seconds that one answer may take, all in all.")
    ca_file: str | None = Field(default=None, description="Certificates to trust; by default the public authorities.")


Limit = Annotated[int | None, Field(ge=0)]


class Quota(Section):
    """Items that clients may send to the live service in a minute; without a number as many as they like."""

    total: Limit = Field(default=None, description="All kinds together.")
    error: Limit = Field(default=None, description="Errors.")
    log: Limit = Field(default=None, description="Log lines.")
    transaction: Limit = Field(default=None, description="Transactions.")
    span: Limit = Field(default=None, description="Spans.")
    session: Limit = Field(default=None, description="Session updates.")
    metric: Limit = Field(default=None, description="Metric samples.")
    event: Limit = Field(default=None, description="Usage events.")
    monitor: Limit = Field(default=None, description="Check-ins.")
    other: Limit = Field(default=None, description="Everything else.")

    @property
    def limits(self) -> Mapping[str, int]:
        """Those that are set."""
        return {name: limit for name in type(self).model_fields if (limit := getattr(self, name)) is not None}
