"""`spool`: what the live service accepted and could not store."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quality_platform.cli import output
from quality_platform.cli.session import Json, actor, begin

if TYPE_CHECKING:
    from quality_platform.api.drain.bringing_back import Tried
    from quality_platform.settings import Settings
    from quality_platform.spool.aside import Kept

app = typer.Typer(help="What the live service accepted and could not store.", no_args_is_help=True)


@app.command("aside", epilog="Example: `quality-platform spool aside --retry`")
def aside(
    requests: Annotated[
        list[str] | None, typer.Argument(help="Only these, as the list names them; by default all.", show_default=False)
    ] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Bring them to the lake; what still fails stays.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Delete them, for ever.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json_output: Json = False,
) -> None:
    """List the requests that could not be stored and lie sealed in `spool/aside/`; bring them back, or drop them."""
    settings = begin("spool aside")
    from quality_platform.errors import UsageError

    if retry and drop:
        raise UsageError("--retry and --drop contradict each other.", hint="Retry first; drop what is left.")
    found = _chosen(settings, requests or [])
    if retry:
        _retry(settings, found, json_output=json_output)
    elif drop:
        _drop(settings, found, yes=yes, json_output=json_output)
    else:
        _show(found, json_output=json_output)


def _chosen(settings: Settings, requests: Sequence[str]) -> Iterator[Kept]:
    """Those that are named, or all. Raises UsageError for a name that none has."""
    from quality_platform.errors import UsageError
    from quality_platform.spool.aside import kept, paths

    unknown = set(requests) - {path.name for path in paths(settings)}
    if unknown:
        raise UsageError(
            f"Nothing is kept of {', '.join(sorted(unknown))}.", hint="`quality-platform spool aside` lists what is."
        )
    return (each for each in kept(settings) if not requests or each.name in requests)


def _show(found: Iterable[Kept], *, json_output: bool) -> None:
    rows = [_row(each) for each in found]
    if json_output:
        output.as_json(rows)
        return
    output.table(
        "Kept aside",
        ("Request", "Project", "Door", "Received", "Items", "Bytes", ""),
        [
            [row["request"], ", ".join(row["projects"]), ", ".join(row["doors"]), output.instant(row["received_at"]),
             sum(row["items"].values()), row["bytes"], ("", "") if row["opens"] else ("does not open", "error")]
            for row in rows
        ],
        empty="None: all that was accepted could be stored.",
    )  # fmt: skip


def _row(kept: Kept) -> dict[str, Any]:
    """What may be told of it: nothing that a client sent."""
    entries = kept.entries or ()
    items: Counter[str] = Counter()
    for entry in entries:
        held = entry.meta.get("items")
        items.update(held if isinstance(held, dict) else {})
    oldest = min((entry.received_at for entry in entries), default=None)
    return {
        "request": kept.name,
        "projects": sorted({entry.project for entry in entries}),
        "doors": sorted({entry.door for entry in entries}),
        "received_at": datetime.fromtimestamp(oldest / 1e6, UTC) if oldest is not None else None,
        "items": items,
        "bytes": kept.size,
        "opens": kept.entries is not None,
    }


def _retry(settings: Settings, found: Iterable[Kept], *, json_output: bool) -> None:
    from quality_platform.api.drain.bringing_back import bring_back
    from quality_platform.warehouse.lake import Lake

    tried: list[Tried] = []
    try:
        tried.extend(bring_back(settings, Lake(settings), found))
    finally:  # what was done before it failed is done
        _note(settings, "spool.retry", {"stored": [each.name for each in tried if not each.cause]})
    if json_output:
        output.as_json([{"request": each.name, "cause": each.cause or None, "items": each.items} for each in tried])
        return
    output.table(
        "Tried again",
        ("Request", "Stored", "Duplicate", "Rejected", ""),
        [
            [each.name, *(each.items[name] for name in ("stored", "duplicate", "rejected")),
             (f"stays: {each.cause}", "error") if each.cause else ("in the lake", "good")]
            for each in tried
        ],
        empty="There was none.",
    )  # fmt: skip


def _drop(settings: Settings, found: Iterable[Kept], *, yes: bool, json_output: bool) -> None:
    from quality_platform.errors import UsageError

    wanted = {each.name: each.path for each in found}  # not all that they hold at once
    if wanted and not yes:
        if not sys.stdin.isatty():
            raise UsageError("Dropping cannot be undone.", hint="Say that you mean it with --yes.")
        typer.confirm(f"Delete {len(wanted)} requests that were accepted and never stored?", abort=True)
    for path in wanted.values():
        path.unlink(missing_ok=True)
    _note(settings, "spool.drop", {"dropped": list(wanted)})
    if json_output:
        output.as_json({"dropped": list(wanted)})
        return
    output.console().print(f"[green]✓[/green] dropped: {len(wanted)}")


def _note(settings: Settings, action: str, details: dict[str, list[str]]) -> None:
    """Who brought back or dropped what stands in the audit."""
    if not any(details.values()):
        return
    from quality_platform.cli.home import prepare_state
    from quality_platform.state import audit

    with prepare_state(settings).write() as session:
        audit.record(session, datetime.now(UTC), actor=actor(), action=action, subject="spool/aside", details=details)
