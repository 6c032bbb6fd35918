"""Published advisories in the form of OSV, and which versions of a package they speak of.

Belongs here: reading one record, comparing versions, finding records that speak of the same fault. Does not belong
here: where records come from (`collectors/advisories/`), whose versions are asked for (`assessment/`).
"""
