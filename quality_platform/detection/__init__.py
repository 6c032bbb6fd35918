"""What a series says: steps and slow trends. Arrays in, results out; no I/O, no clock, no settings.

Belongs here: statistics on one series at a time. Does not belong here: which series there are, what a metric
means, or when to tell somebody (`rules/`).
"""
