"""Scores: many facts to one number, with the share that each fact has in it. Columns in, columns out; no I/O.

Debt minutes and ratings are sums and bounds, so SQL computes them (`code_quality_by_commit`).
"""
