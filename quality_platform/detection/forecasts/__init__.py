"""Forecasts: where a series is expected to go, within which bounds, and when that is beyond a threshold.

Belongs here: arrays in, expectations out. Does not belong here: how a series has moved so far (`trends/`), what is
unusual of it (`anomalies/`).
"""
