"""When a rule fires and when it clears: (rule, state, data) to (state, transitions), without clock or I/O.

One file per rule type; each returns the same pair. Does not belong here: whom to tell (`alerting/`), how the
data were judged (`detection/`), the shape of a rule (`model/rules.py`).
"""
