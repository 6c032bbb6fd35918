"""Killed at random, with a receiver that is away: what is lost, told twice, forgotten; beside Alertmanager in one run.

    python benchmarks/kills.py [KILLS]

The same five trials for the live service, by value and rule, and for Alertmanager (Debian's) at its tightest, by
finished alerts; every alert in a message of its own. What was answered with 2xx is sent once and never again, as a
job that ran and ended does. To reach: nothing lost, what comes twice under one id and no more than was in flight, 50 of
50 ends told after a kill and after an outage, a silence there at once, an outage of 20 s made good within 2 s.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

import yaml
from killable import ALERTMANAGER, Ours, Side, Theirs, listening

from quality_platform_tests.data.live import serving

KILLS = 10
AT_ONCE = 40
FEW = 50
OUTAGE_SECONDS = 20.0
RULE = {"name": "deep", "metric_name": "queue.depth", "operator": "above", "warning_threshold": 100,
        "group_by": ["subject"]}  # fmt: skip


def named(trial: str, count: int) -> list[str]:
    return [f"{trial}-{number:05}" for number in range(count)]


def killed_often(side: Side, kills: int) -> None:
    """What was accepted a moment before a kill: how much of it is never told, how much twice."""
    chance, names = random.Random(7), named("kill", kills * AT_ONCE)
    for number in range(kills):
        side.send(names[number * AT_ONCE : (number + 1) * AT_ONCE], over=False)
        time.sleep(chance.uniform(0, 1.5))
        side.kill()
        side.start()
    told = side.sink.wait("firing", names)
    mine = [(subject, key) for status, subject, key, _ in side.sink.told if status == "firing" and subject in told]
    strange = len(set(mine)) - len(told)
    print(f"{side.title:13} {kills} kills: {len(names) - len(told)} of {len(names)} lost, "
          f"{len(mine) - len(told)} told twice, {strange} of them under another id")  # fmt: skip
    side.send(names, over=True)
    ends = side.sink.wait("resolved", names)
    print(f"{side.title:13} their ends: {len(ends)} of {len(names)} told")


def ends_after_a_kill(side: Side) -> None:
    names = named("end", FEW)
    side.send(names, over=False)
    side.sink.wait("firing", names)
    side.kill()
    side.start()
    side.send(names, over=True)
    print(f"{side.title:13} killed between start and end: {len(side.sink.wait('resolved', names))} of {FEW} ends told")


def came_and_went(side: Side) -> None:
    names = named("brief", FEW)
    side.sink.down = True
    side.send(names, over=False)
    time.sleep(OUTAGE_SECONDS / 2)
    side.send(names, over=True)
    time.sleep(OUTAGE_SECONDS / 2)
    side.sink.down = False
    told = side.sink.wait("resolved", names)
    print(f"{side.title:13} began and ended while nobody listened: {len(told)} of {FEW} told")


def drained(side: Side) -> None:
    names = named("late", FEW)
    side.sink.down = True
    for name in names:
        side.send([name], over=False)
        time.sleep(OUTAGE_SECONDS / FEW)
    side.sink.down, back = False, time.monotonic()
    late = sorted(at - back for at in side.sink.wait("firing", names).values())
    shown = f"p50 {late[len(late) // 2]:.2f} s, longest {late[-1]:.2f} s" if late else "never"
    print(f"{side.title:13} after {OUTAGE_SECONDS:g} s without a receiver: {len(late)} of {FEW} told, {shown} later")


def silenced(side: Side) -> None:
    for pause in (0.0, 5.0):
        made = side.silence()
        time.sleep(pause)
        side.kill()
        side.start()
        there = "there" if made in side.silences() else "forgotten"
        print(f"{side.title:13} a silence, killed {pause:g} s after the answer: {there}")


def trials(side: Side, kills: int) -> None:
    killed_often(side, kills)
    ends_after_a_kill(side)
    came_and_went(side)
    drained(side)
    silenced(side)


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with listening() as sink:
            hook = {"name": "hook", "channel_type": "webhook", "configuration": {"url": sink.url},
                    "rate_limit": {"per_second": 10_000, "burst": 10_000}}  # fmt: skip
            (place / "quality.yaml").write_text(yaml.safe_dump({"rules": [RULE], "channels": [hook]}))
            allowed = ("127.0.0.0/8",)
            with serving(place / "ours", config=place / "quality.yaml", webhook_allow_cidrs=allowed) as live:
                trials(Ours(live, sink), kills)
        if shutil.which(ALERTMANAGER) is None:
            print(f"{ALERTMANAGER} is not on PATH: nothing to compare with (apt-get install prometheus-alertmanager)")
            return
        with listening() as sink:
            theirs = Theirs(place, sink)
            try:
                trials(theirs, kills)
            finally:
                theirs.kill()


if __name__ == "__main__":
    main()
