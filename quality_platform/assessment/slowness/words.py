"""Why something is a bottleneck, in a sentence. Does not belong here: whether it is."""

from __future__ import annotations

from typing import Any

from quality_platform.detection.slow_time import LEVEL

Row = dict[str, Any]


def evidence(row: Row) -> str:
    """The sentence for a row of `marts.bottlenecks`."""
    told = _use(row) if row["kind"] == "resource" else _time(row)
    return f"{told} {_together(row)}"


def _time(row: Row) -> str:
    return (
        f"{row['name']} ({row['service']}) takes {row['share_of_time']:.0%} of the time of all requests and "
        f"{row['share_of_tail']:.0%} of that above their p95 of {row['requests_p95_ms']:,.0f} ms: "
        f"{row['calls']:,} calls, {row['mean_ms']:,.0f} ms in the mean, p95 {row['p95_ms']:,.0f} ms."
    )


def _use(row: Row) -> str:
    slow = row["use_when_slow"]
    when = "" if slow is None else f" and {slow:.0%} in the slowest five minutes"
    return (
        f"{row['name']} of {row['service']} has a use of {row['use_p95']:.0%} (p95){when}, "
        f"{row['use_max']:.0%} at most."
    )


def _together(row: Row) -> str:
    rho, p_value = row["correlation"], row["p_value"]
    if rho is None:
        return "There is too little to say whether it goes with slow requests."
    if p_value > LEVEL:
        return f"It does not go with slow requests (Spearman {rho:+.2f}, p = {p_value:.2g})."
    way = "goes with" if rho > 0 else "goes against"
    return f"It {way} slow requests (Spearman {rho:+.2f}, p = {p_value:.2g})."
