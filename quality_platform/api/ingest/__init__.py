"""Doors: the protocols that unmodified clients speak. One file or folder each, one registry.

Belongs here: protocol in, rows out. A door never writes: the endpoint spools what it let in, the drain stores what it
decoded. Does not belong here: HTTP plumbing that all doors share beyond `endpoint.py`.
"""
