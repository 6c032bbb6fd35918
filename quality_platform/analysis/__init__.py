"""What one content of source code says: pure functions from bytes to facts, run in worker processes.

Belongs here: parsing, counting, judging one file by itself. Does not belong here: git, the lake, Arrow, or anything
that needs a second file (`collectors/`, `assessment/` and the models). Arrow and pydantic stay out of this package:
they would cost every worker 0.3 s and 60 MB.
"""
