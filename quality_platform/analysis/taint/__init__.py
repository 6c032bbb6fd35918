"""Follows what users send through one file of Python, to the places where it does harm.

The file is run on abstract values: what a value may hold of users' input, what it was made safe for, and what it is
where that is known. Does not belong here: more than one file at a time, and patterns that need no flow (ruff, bandit).
"""
