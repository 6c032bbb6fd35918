"""What was accepted and is not in the lake yet: durable in milliseconds, encrypted, in order.

Belongs here: storing, reading and forgetting. Does not belong here: what the bytes mean (`api/ingest/`) or bringing
them to the lake (`api/drain/`).
"""
