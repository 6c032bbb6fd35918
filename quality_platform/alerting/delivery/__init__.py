"""From the outbox to the channels: leases, attempts, back-off, circuits, dead letters.

Does not belong here: what is said (`notices/`), a channel's protocol (`notifications/`).
"""
