"""Rules over series that are given: tests of rules by files, and what a rule would have done to the past.

All of it calls `rules.series.replay`, which calls what live evaluation calls. Does not belong here: reading the lake
(`alerting/backtest.py`), how results are shown (`cli/`).
"""
