"""Who may ask the live service what, how often, and what every answer tells browsers.

Belongs here: HTTP's side of access. Does not belong here: tokens and the audit themselves (`access/`), or the doors for
data, which ask for project keys (`api/ingest/`).
"""
