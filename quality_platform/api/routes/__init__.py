"""Endpoints for people and programs, one file each, one registry. The doors for data are in `api/ingest/`."""
