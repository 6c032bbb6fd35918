"""Reports: what they say and how they look as a page and on paper.

Belongs here: building a report's `Message` and rendering it as HTML and PDF. Does not belong here: the channels
that send it (`notifications/`) or the numbers in it (`dbt_models/`, `detection/`, `scoring/`).
"""
