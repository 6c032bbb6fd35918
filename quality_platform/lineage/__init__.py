"""Walking backwards from a value: model, raw rows, batch, run, source.

Belongs here: finding the way in the lake. Does not belong here: Dagster's graph (`defs/`) or printing (`cli/`).
"""
