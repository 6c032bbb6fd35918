"""Files that grow: finding them, reading what was appended, surviving rotation, truncation and copies.

Belongs here: bytes, lines, places in a file, and the batches made of them. Does not belong here: what a line
means (`logs/`, `events/` hand in a parser). No memory is kept: where to go on is the newest batch's `read_from`.
"""
