"""What a message shows beside the verdict: the series' last points, the commit. Read before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from quality_platform.alerting.conditions.history import Points, points
from quality_platform.alerting.conditions.judgement import Judgement
from quality_platform.alerting.conditions.relations import MART, Relation
from quality_platform.alerting.plan import Plan
from quality_platform.model.alerts import Evidence, Series
from quality_platform.warehouse.lake import Lake

# a storm of alerts is not read picture by picture
MOST_PICTURES = 200
SAMPLES_SHOWN = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Background:
    """Points by series, and a sentence about the commit by project and instant."""

    points: Mapping[Series, Points]
    commits: Mapping[tuple[str, datetime], str]

    def of(self, series: Series) -> Points:
        """The points of a series; none where they were not read."""
        return self.points.get(series, Points())

    def commit(self, series: Series, evidence: Evidence) -> str:
        """The commit that the evidence is about; empty where there is none, or the evidence names it."""
        text = self.commits.get((series.project, evidence.observed_at), "")
        return "" if "commit" in evidence.detail.lower() else text


NOTHING = Background({}, {})


def background(
    plan: Plan, lake: Lake, judgements: Sequence[Judgement], now: datetime, relation: Relation = MART
) -> Background:
    """What the messages about these judgements will show; two queries whatever their number."""
    telling = [each for each in judgements if each.transitions]
    shown = dict.fromkeys(each.series for each in telling[:MOST_PICTURES])
    by_commit = [each for each in telling if plan.metric(each.series.metric).grain == "commit"]
    instants = {(each.series.project, told.evidence.observed_at) for each in by_commit for told in each.transitions}
    # samples come by the second: of them an hour says more than the last hundred years
    since = None if relation == MART else now - SAMPLES_SHOWN
    shown_points = points(lake, list(shown), until=now, since=since, relation=relation)
    return Background(shown_points, _commits(lake, instants))


def _commits(lake: Lake, instants: set[tuple[str, datetime]]) -> dict[tuple[str, datetime], str]:
    if not instants:
        return {}
    projects, moments = zip(*instants, strict=True)
    return {
        (row["project"], row["committed_at"]): f"Commit {row['commit_sha'][:12]}: {row['subject'] or 'no message'}"
        for row in lake.rows(_SQL, [list(projects), list(moments)])
    }


_SQL = """
WITH wanted AS (SELECT unnest(?::VARCHAR[]) AS project, unnest(?::TIMESTAMPTZ[]) AS committed_at)
SELECT c.project, c.committed_at, c.commit_sha, c.subject
FROM raw.code_commits AS c SEMI JOIN wanted USING (project, committed_at)
WHERE c.on_main
"""
