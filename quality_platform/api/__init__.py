"""The live service: HTTP in, the spool, the drain into the lake, live evaluation, and what it says about itself.

Belongs here: adapters, thin: they call the core. Does not belong here: rules, alerts, collectors, the lake itself.
"""
