"""What is left of a message when everything that differs between occurrences is masked."""

from __future__ import annotations

import csv
import gzip
import os
from collections import defaultdict
from pathlib import Path
from time import process_time

import duckdb
import jinja2
import pytest

from quality_platform.defs.dbt.project import folder

ROOT = Path(__file__).parents[2]
LOGS = Path(os.environ.get("CONFORMANCE_DIR", ROOT / "../shared/conformance")) / "errors/logs"
CASES = {
    "": "",
    "connection lost": "connection lost",
    "user 42 not found": "user <n> not found",
    "took 3.5 s, then -12": "took <n> s, then <n>",
    "item a17f00c2 at 0x7f3a": "item <n> at <n>",
    "order 550e8400-e29b-41d4-a716-446655440000 gone": "order <n> gone",
    "can't open 'a.txt'": "can't open <text>",
    'no column "total" in `sales`': "no column <text> in <text>",
    "'utf-8' codec can't decode byte 0xff in position 0": "<text> codec can't decode byte <n> in position <n>",
    "mail to ann.lee+x@example.com bounced": "mail to <email> bounced",
    "GET https://a.b/c?d=1 answered 503": "GET <url> answered <n>",
    "no space on /var/lib/data": "no space on <path>",
    r"cannot read C:\Users\ann\x.ini": "cannot read <path>",
    "10.0.0.1:8080 refused 192.168.1.1": "<address> refused <address>",
    "fe80:0:0:0:0:0:0:1 is down": "<address> is down",
    "at 2026-01-31T10:20:30.123Z and 2026-01-31 10:20": "at <time> and <time>",
    "ids [1, 2, 3] of 9": "ids [<n>] of <n>",
    "state=open retries=3 host=web-1": "state=<value> retries=<value> host=<value>",
    "\n\n first line \n second line 1": "first line",
    "tabs\tand   blanks": "tabs and blanks",
}


@pytest.fixture(scope="module")
def expression() -> str:
    source = (folder() / "macros/expressions/mask_message.sql").read_text()
    return jinja2.Environment().from_string(source + "{{ mask_message('message') }}").render()


@pytest.mark.parametrize(("message", "masked"), CASES.items())
def test_masks(expression: str, message: str, masked: str) -> None:
    row = duckdb.execute(f"SELECT {expression} FROM (SELECT ?::VARCHAR AS message)", [message]).fetchone()
    assert row == (masked,)


def test_masking_is_stable(expression: str) -> None:
    """A masked message is masked already, so that a template groups with its occurrences."""
    again = [duckdb.execute(f"SELECT {expression} FROM (SELECT ? AS message)", [m]).fetchone() for m in CASES.values()]
    assert again == [(masked,) for masked in CASES.values()]


@pytest.mark.parametrize("piece", ["a", "1", "'", '"', "/", "<n> ", "a=", "1:", "@a", "://", "\\", "é"])
def test_no_message_takes_long(expression: str, piece: str) -> None:
    """8 KiB of whatever suits an expression least costs about as much as any other text."""
    began = process_time()
    duckdb.execute(f"SELECT {expression} FROM (SELECT ? AS message)", [piece * (8192 // len(piece))]).fetchone()
    assert process_time() - began < 20


@pytest.mark.conformance
def test_lines_of_real_systems_find_their_template(expression: str) -> None:
    """Share of lines whose group is exactly that of their true template; masks alone, one set for all systems."""
    paths = sorted(LOGS.glob("*.csv.gz"))
    if not paths:
        pytest.skip(f"{LOGS} is not there; set CONFORMANCE_DIR")
    assert sum(accuracy(expression, path) for path in paths) / len(paths) > 0.8


def accuracy(expression: str, path: Path) -> float:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = [(row["truth"], row["message"]) for row in csv.DictReader(file)]
    truths, groups = defaultdict(set), defaultdict(set)
    sql = f"SELECT list_transform(?::VARCHAR[], lambda message: {expression})"
    masked = duckdb.execute(sql, [[message for _, message in lines]]).fetchone()
    assert masked is not None
    for number, ((truth, _), group) in enumerate(zip(lines, masked[0], strict=True)):
        truths[truth].add(number)
        groups[group].add(number)
    whole = {frozenset(members) for members in truths.values()}
    return sum(len(members) for members in groups.values() if frozenset(members) in whole) / len(lines)
