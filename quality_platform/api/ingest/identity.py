"""Identities of items: the client's own where there is one, else the request's bytes and the item's place in them.

Belongs here: what an identity is made of. Does not belong here: which are known already (`api/drain/seen.py`).
"""

from __future__ import annotations

import hashlib

from quality_platform.api.ingest.rows import MAX_ID, identifier
from quality_platform.collectors.privacy.text import scrub
from quality_platform.model.batch import batch_id
from quality_platform.spool.item import Entry


def own_id(value: object) -> str | None:
    """The client's identity of an item; a hash of one that is too long, or tells of a person."""
    found = identifier(value, 10 * MAX_ID)
    if found is None:
        return None
    return found if len(found) <= MAX_ID and scrub(found) == found else batch_id(found)[:32]


def request_digest(entry: Entry) -> str:
    """Stands for this request alone: the same bytes at another time are another request."""
    at = entry.received_at.to_bytes(8, "big", signed=True)
    return hashlib.sha256(at + entry.body).hexdigest()[:24]
