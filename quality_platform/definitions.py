"""The code location: `defs` is all that Dagster loads. Everything is put together in `defs/build.py`."""

from __future__ import annotations

from quality_platform.defs.build import build
from quality_platform.settings import Settings

defs = build(Settings())
