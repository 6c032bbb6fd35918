"""Slow trends: rises and falls that no single row shows. Over a window in `line.py`, as they begin in `drifts.py`.

Does not belong here: sudden changes (`steps/`), where a series will be (`forecasts/`).
"""
