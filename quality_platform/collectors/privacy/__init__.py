"""Personal data and secrets at the door: what is taken out of text and properties before anything is written.

Belongs here: pure functions, in time linear in their input, because the input is whatever a stranger logged.
Does not belong here: identifiers of users, which become keyed hashes (`pseudonym.py`).
"""
