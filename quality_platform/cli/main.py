"""The verbs, in one visible list, and what every verb has in common: an event recorded, errors as sentences."""

from __future__ import annotations

import sys
from contextlib import suppress

import typer

from quality_platform.cli import (
    alerts,
    audit,
    channels,
    check,
    detect,
    doctor,
    gate,
    init,
    keys,
    lineage,
    privacy,
    quick_start,
    report,
    rules,
    run,
    sbom,
    scan,
    serve,
    silences,
    spool,
    sql,
    status,
    tokens,
    up,
)
from quality_platform.cli.output import failure
from quality_platform.errors import QualityPlatformError

app = typer.Typer(
    name="quality-platform",
    help="Knows how your software is doing, and tells you before your users notice.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

for verb in (up, serve, init, check, scan, gate, sbom, detect, run, sql, lineage, report, status, audit, doctor):
    app.command(name=verb.__name__.rsplit(".", 1)[-1], epilog=f"Example: `{verb.EXAMPLE}`")(verb.command)
app.add_typer(alerts.app, name="alerts")
app.add_typer(rules.app, name="rules")
app.add_typer(silences.app, name="silences")
app.add_typer(channels.app, name="channels")
app.add_typer(keys.app, name="keys")
app.add_typer(tokens.app, name="tokens")
app.add_typer(privacy.app, name="privacy")
app.add_typer(spool.app, name="spool")


def main() -> None:
    """Entry point. Exit codes: 0 done, 1 failed, 2 usage or configuration."""
    quick_start.prepare(sys.argv[1:])
    try:
        app(standalone_mode=True)
    except QualityPlatformError as error:
        failure(error, json_output="--json" in sys.argv)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # `… | head` has seen enough
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:  # a bug: the traceback goes to the log, where the platform collects it
        sys.exit(_bug(error))


def _bug(error: Exception) -> int:
    import logging

    from quality_platform.cli.session import settings
    from quality_platform.telemetry import logs

    here = settings()
    with suppress(OSError):
        logs.configure(here)
        logging.getLogger("quality_platform.cli").exception("unexpected error in %s", " ".join(sys.argv[1:2]))
    wrapped = QualityPlatformError(
        f"Unexpected: {type(error).__name__}: {error}", hint=f"The details are in {here.logs_dir}."
    )
    failure(wrapped, json_output="--json" in sys.argv)
    return 1


if __name__ == "__main__":
    main()
