"""Whom to tell, and what keeps it from being told: routes, silences, mute windows, inhibition, escalation. Pure.

Does not belong here: reading or writing the state (`notices/`, `state/`), sending (`delivery/`).
"""
