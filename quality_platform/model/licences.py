"""Which licences packages may have, as `quality.yaml` says. Does not belong here: judging (`analysis/licences.py`)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from quality_platform.model.sections import Section

Pattern = Annotated[str, Field(pattern=r"^[A-Za-z0-9.+*-]{1,100}$")]
PackageScope = Literal["runtime", "optional", "dev"]


class LicencePolicy(Section):
    """Licences by their SPDX names; `*` stands for anything. Of alternatives (`MIT OR GPL-3.0-only`) one must do."""

    allowed: tuple[Pattern, ...] = Field(
        default=(), max_length=1000, description="Licences that may be; empty means all that are not denied."
    )
    denied: tuple[Pattern, ...] = Field(
        default=("AGPL-*", "GPL-*", "SSPL-*", "BUSL-*"), max_length=1000, description="Licences that may not be."
    )
    scopes: tuple[PackageScope, ...] = Field(
        default=("runtime", "optional"), min_length=1, description="What the packages that it counts for are for."
    )
