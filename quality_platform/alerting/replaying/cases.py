"""The shape of a file of tests: rules, series that are put in, alerts that are expected.

Belongs here: fields. Does not belong here: running the tests (`alerting/rehearsal.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, FiniteFloat

from quality_platform.alerting.replaying.notation import values
from quality_platform.errors import UsageError
from quality_platform.model.alerts import Severity
from quality_platform.model.rule_base import PositiveSpan, Span
from quality_platform.model.sections import Section

START = datetime(2026, 1, 5, tzinfo=UTC)
"""A Monday: when a test begins that does not say."""

MINUTE = timedelta(minutes=1)
Condition = Literal["firing", "recovering", "nodata", "pending", "resolved"]
# as the rest of the product calls an alert that nobody has acknowledged
Status = Annotated[Condition, BeforeValidator(lambda value: "firing" if value == "active" else value)]


def _expanded(value: Any) -> Any:
    try:
        return tuple(values(value)) if isinstance(value, str) else value
    except UsageError as error:
        raise ValueError(str(error)) from error


def _some(value: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    # not min_length, which also speaks where an item is wrong
    if value == ():
        raise ValueError("there must be one at least")
    return value


Some = AfterValidator(_some)
Values = Annotated[tuple[float | None, ...], BeforeValidator(_expanded)]


class SeriesName(Section):
    """Which series it is."""

    metric: str = Field(min_length=1, description="Metric, by name or alias.")
    project: str = Field(default="test", description="Project.")
    subject: str = Field(default="test", description="Subject, such as a host or a service.")
    labels: dict[str, str] = Field(default_factory=dict, description="Labels.")


class Input(Section):
    """One series with its values."""

    series: SeriesName = Field(description="Which series it is.")
    values: Values = Field(description="Values in promtool's notation, or a list with null for what is missing.")
    interval: PositiveSpan | None = Field(default=None, description="How far apart they are; default the test's.")
    offset: Span = Field(default=timedelta(0), description="When the first one comes, from the test's start.")


class ExpectedAlert(Section):
    """An alert that must be there. Only what is written is compared."""

    rule: str | None = Field(default=None, description="Its rule, by name or id.")
    severity: Severity | None = Field(default=None, description="Its severity.")
    status: Status = Field(default="firing", description="firing (or active), recovering, nodata, pending or resolved.")
    metric: str | None = Field(default=None, description="The series' metric.")
    project: str | None = Field(default=None, description="The series' project.")
    subject: str | None = Field(default=None, description="The series' subject.")
    labels: dict[str, str] = Field(default_factory=dict, description="Labels that it bears, among others.")
    value: float | None = Field(default=None, description="The value that brought it about.")
    threshold: FiniteFloat | None = Field(default=None, description="What the value was held against.")
    since: Span | None = Field(default=None, description="When it fired, from the test's start.")
    channels: tuple[str, ...] | None = Field(default=None, description="Channels that its labels lead to, all of them.")


class Expectation(Section):
    """What must be so at one moment. Alerts that are open and not listed are mistakes too."""

    at: Span = Field(description="When, from the test's start.")
    alerts: tuple[ExpectedAlert, ...] = Field(description="All open alerts; [] for none.")


class Case(Section):
    """One test."""

    name: str = Field(min_length=1, max_length=200, description="What it is about.")
    rules: Annotated[tuple[str | dict[str, Any], ...] | None, Some] = Field(
        default=None, description="Rules by name, or written out; default all that the series concern."
    )
    interval: PositiveSpan | None = Field(default=None, description="How far apart values are; default the file's.")
    start: AwareDatetime = Field(default=START, description="When it begins.")
    evaluate_every: PositiveSpan | None = Field(
        default=None, description="Evaluate at this step, as Prometheus does; default as values come, as we do."
    )
    input: Annotated[tuple[Input, ...], Some] = Field(description="The series.")
    expect: Annotated[tuple[Expectation, ...], Some] = Field(description="What must be so, and when.")


class CaseFile(Section):
    """A file of tests."""

    rules: tuple[dict[str, Any], ...] = Field(default=(), description="Rules of these tests, as in quality.yaml.")
    interval: PositiveSpan = Field(default=MINUTE, description="How far apart values are.")
    tests: Annotated[tuple[Case, ...], Some] = Field(description="The tests.")
