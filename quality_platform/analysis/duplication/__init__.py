"""Code that stands in several places: from texts to clone groups, in linear time and with NumPy.

Does not belong here: which files are looked at (`collectors/`), or how much duplication is too much.
"""
