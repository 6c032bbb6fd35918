"""The life of an alert from firing to resolved, and what people do with it meanwhile.

Does not belong here: when a rule fires (`rules/`), whom to tell (`routing/`), what they are told (`notices/`).
"""
