"""Sentry's protocol: envelopes of any Sentry client, and the older store endpoint.

Belongs here: what Sentry's clients send, one file for each kind of item. Does not belong here: other protocols, or
what they share (`api/ingest/`).
"""
