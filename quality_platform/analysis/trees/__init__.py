"""Files that Python's own parser does not read: other languages, and Python of other times, by tree-sitter.

Each language is a grammar (a wheel) and a query that names the nodes that count. Does not belong here: Python that
parses (`python/`).
"""

NAME = "tree-sitter"
