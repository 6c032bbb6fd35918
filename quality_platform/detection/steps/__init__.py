"""Steps: levels that change and stay so. A whole history in `history.py`, row by row in `row_by_row.py`.

Belongs here: where levels change, and whether a cut means anything. Does not belong here: slow drift (`trends/`),
single unusual values (`anomalies/`).
"""
