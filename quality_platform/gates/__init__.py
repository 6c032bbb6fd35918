"""The quality gate: what a change brings, judged before it is merged.

Does not belong here: the history of a repository (`collectors/`), or rules that alert (`rules/`). Needs no lake and no
running platform.
"""
