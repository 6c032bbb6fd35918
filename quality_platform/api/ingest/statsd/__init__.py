"""StatsD and DogStatsD over UDP: datagrams are gathered for 200 ms, spooled as one entry, and decoded like a request.

| line | rows |
|---|---|
| `orders:1\\|c` | `orders`, count: the sum of the 200 ms, divided by the sample rate |
| `depth:7\\|g` | `depth`, gauge: the last value |
| `query:12\\|ms` | `query.ms`, gauge: each value, in milliseconds; `query.count`, count: how many |
| `size:9\\|h`, `size:9\\|d` | `size`, gauge: each value; `size.count`, count |
| `users:ann\\|s` | `users`, gauge: different values in the 200 ms |
| `_sc\\|db\\|0` | `service_check`, label `check`, gauge: 0 good, 1 warning, 2 critical, 3 unknown |
| `_e{5,4}:title\\|text` | a usage event of that title |

The subject is the project, or the host that a service check names; tags are labels. An item is what a row is made of:
counts, gauges and set members of one series in one group are one item, as StatsD's own server sums them up.

A gauge with a sign is a change. It is taken where the gauge's value came before it in the same group (that is how
StatsD clients write values below zero) or where the line has tags (DogStatsD knows no changes); else it is refused,
because a change means nothing without what it changed.

Belongs here: these two protocols. Does not belong here: HTTP doors.
"""
