"""What a person may ask for: all that is kept about them, and that it be gone.

Belongs here: finding a person's rows by keyed hash, handing them out, erasing them. Does not belong here: hiding
personal data on the way in (`collectors/privacy/`), or how the lake forgets rows (`warehouse/erasure.py`).
"""
