"""Errors a person can act on. Anything raised on purpose derives from `QualityPlatformError`.

Belongs here: exception types that cross a package boundary. Does not belong here: control flow inside
one module, or the text of a particular failure (that stays where the failure is understood).
"""

from __future__ import annotations


class QualityPlatformError(Exception):
    """A failure with a sentence that says what happened and, in `hint`, what to do about it."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class ConfigurationError(QualityPlatformError):
    """`quality.yaml` or a setting cannot be used."""

    exit_code = 2


class UsageError(QualityPlatformError):
    """The command was called with something it cannot work on."""

    exit_code = 2


class SourceError(QualityPlatformError):
    """A source (repository, file, host) cannot be read."""


class LakeError(QualityPlatformError):
    """The lake refused or failed an operation."""


class LockHeldError(LakeError):
    """Another process holds the write lock of a catalog and did not let go in time."""


class StateError(QualityPlatformError):
    """The state database refused or failed an operation."""


class DeliveryError(QualityPlatformError):
    """A notification could not be handed over. `retry` says whether trying again may help."""

    def __init__(
        self,
        message: str,
        *,
        retry: bool,
        hint: str | None = None,
        retry_after: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.retry = retry
        self.retry_after = retry_after
        self.status = status


class NotFoundError(UsageError):
    """There is nothing of that name."""


class ConflictError(UsageError):
    """What was asked for does not go with how things stand; `current` says how they stand."""

    def __init__(self, message: str, *, current: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.current = current


class VersionError(ConflictError):
    """Somebody else has changed it since it was read."""
