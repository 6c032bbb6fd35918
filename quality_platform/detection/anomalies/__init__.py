"""Values unlike what a series' own past lets expect, row by row; nothing of the future is used.

Belongs here: what is expected, how far off is too far, when to speak. Does not belong here: which series, and what is
done about it.
"""
