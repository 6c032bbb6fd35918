"""From observations and verdicts to judgements: what each rule says of each series, before anything is written.

Does not belong here: when a rule fires (`rules/`), what follows (`episodes/`).
"""
