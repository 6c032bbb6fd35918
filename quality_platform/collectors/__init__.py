"""Readers of sources. One file or folder per kind of source, one entry each in `registry.py`."""
