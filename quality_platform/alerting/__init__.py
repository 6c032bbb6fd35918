"""From verdict to a person: episodes of alerts, whom to tell, the outbox, delivery, the published history.

Start at `evaluate.py` (what fires and clears), `deliver.py` (what is sent), `publish.py` (what the lake is
told). Does not belong here: when a rule fires (`rules/`) or how a message looks (`notifications/`).
"""
