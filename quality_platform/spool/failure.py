"""The one error of this package."""

from __future__ import annotations

from quality_platform.errors import QualityPlatformError


class SpoolError(QualityPlatformError):
    """The spool cannot be written or read now: disk full, no permission, a broken disk."""
