"""From the spool to the lake, in a process of its own, so that decoding never makes a client wait.

Belongs here: the drain's process, its rounds, duplicates, and the sources that the live service reads by itself.
Does not belong here: protocols (`api/ingest/`) or the lake (`warehouse/`).
"""
