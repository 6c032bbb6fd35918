"""`python -m quality_platform.api`: the live service on a home that has been prepared. `serve` and `up` start it."""

from __future__ import annotations

from quality_platform.api.server import serve
from quality_platform.settings import Settings
from quality_platform.telemetry import logs


def main() -> None:
    """Serve until a signal says otherwise."""
    settings = Settings()
    logs.configure(settings)
    serve(settings)


if __name__ == "__main__":
    main()
