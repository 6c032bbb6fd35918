"""The newest migration, by name, so that a connection can be checked without loading the migrations.

A new file in `migrations/versions/` changes `HEAD`; a test compares the two.
"""

from __future__ import annotations

HEAD = "0006"
