"""Who may send and who may look: project keys, tokens with roles, the audit.

Belongs here: making, finding, revoking, and writing down who did. Does not belong here: HTTP (`api/`) or the tables
(`state/models/access.py`).
"""
