"""Verdicts over what is stored: reads the lake, asks `detection/` and `scoring/`, writes the marts of verdicts.

Belongs here: reading, calling, replacing marts. Does not belong here: mathematics (detection, scoring) or
what is done about a verdict (`rules/`, `alerting/`).
"""
