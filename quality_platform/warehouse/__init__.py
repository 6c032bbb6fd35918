"""The lake: two DuckLake catalogs, `raw` (append-only) and `marts` (replaced whole or appended).

Start at `lake.Lake`; it is the only thing that other packages use. Nobody else opens DuckDB.
"""
