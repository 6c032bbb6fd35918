"""A channel's own filters as matchers: `alert_types`, `severity_levels`, `project_ids`, `matchers`.

Belongs here: what they mean in matchers. Does not belong here: where in the tree they apply (`compiling.py`).
"""

from __future__ import annotations

import re

from quality_platform.alerting.routing.matchers import Matcher, compiling, parsed_all
from quality_platform.model.channels import ChannelConfig

_PIECE = re.compile(r"\[!?[\w.-]+\]|.", re.DOTALL)
# matches nothing: a label that is empty and is not
_NOBODY = (Matcher("project_id", "", "="), Matcher("project_id", "", "!="))


def filters(channel: ChannelConfig) -> tuple[Matcher, ...]:
    """What an alert's labels must fulfil for `channel` to want it; none where it wants all."""
    return (
        *_one_of("alert_type", channel.alert_types),
        *_one_of("severity", channel.severity_levels),
        *_projects(channel.project_ids),
        *parsed_all(getattr(channel, "matchers", ())),
    )


def _one_of(name: str, values: tuple[str, ...]) -> tuple[Matcher, ...]:
    return (Matcher(name, "|".join(map(re.escape, values)), "=~"),) if values else ()


def _projects(globs: tuple[str, ...]) -> tuple[Matcher, ...]:
    if "*" in globs:
        return ()
    return (compiling(Matcher("project_id", "|".join(map(_expression, globs)), "=~")),) if globs else _NOBODY


def _expression(glob: str) -> str:
    """RE2's expression for a glob of *, ?, [abc] and [!abc]; `fnmatch` makes ones that only Python reads."""
    return _PIECE.sub(lambda piece: _of_piece(piece[0]), glob)


def _of_piece(piece: str) -> str:
    if len(piece) > 1:
        return piece.replace("[!", "[^", 1)
    return {"*": ".*", "?": "."}.get(piece, re.escape(piece))
