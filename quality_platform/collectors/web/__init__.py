"""Asking an address by HTTP or TCP within a time and a size, for probes and scrapes.

Belongs here: connections and their limits. Does not belong here: what is asked and what the answer means.

The addresses come from the operator's own configuration and are reached wherever they lie, private networks included:
that is where databases and exporters are. What answers there is not trusted with our time or memory.
"""
