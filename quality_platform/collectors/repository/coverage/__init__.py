"""Coverage reports that lie beside a repository: found, read in a worker process, and made rows of its HEAD.

Does not belong here: running tests, which nobody here ever does, or the lines that a change brings (`patch.py`).
"""
