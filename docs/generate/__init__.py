"""Makes the pages of `docs/` that say what the code says already: `python -m docs.generate`, or `make docs`.

Belongs here: reading contracts, models and the command line, and putting them into `templates/`. Does not
belong here: the words of a page (its template) or pages that a person writes (`docs/*.md` without a template).
To add a page: one entry in `pages.py`, one template.
"""
