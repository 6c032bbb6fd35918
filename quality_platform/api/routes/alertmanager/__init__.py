"""Alertmanager's own interface, version 2, so that amtool, Prometheus and dashboards for it work here.

Shapes, names and what filters mean are Alertmanager's (its `api/v2/openapi.yaml`), not ours. Does not belong here: what
an alert or a silence is (`alerting/`).
"""
