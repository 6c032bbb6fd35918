"""What a series says: steps, slow trends, anomalies, what is to come, and what explains it. Arrays in, results out.

No I/O, no clock, no settings. Belongs here: statistics on one series at a time. Does not belong here: which series
there are, what a metric means, or when to tell somebody (`rules/`).
"""
