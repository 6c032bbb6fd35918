"""Python's side of the analysis: one parse, one walk, one pass over the lines.

Does not belong here: other languages, and findings of tools that have a process of their own.
"""
