"""What is done with what was stored, the moment it was: thresholds judged, people who look on told.

Belongs here: publishing to subscribers, and the subscribers. Does not belong here: rules and alerts (`alerting/`), the
rounds (`api/drain/`).
"""
