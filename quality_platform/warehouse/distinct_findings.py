"""What several tools found is there once: the part of a query that says so, for what is asked before the models.

Ruff's S rules are bandit's under the same numbers, and where input was followed to a place, what a pattern says of
the same weakness there is said already. The model `int_findings` says the same to the marts.
Does not belong here: which look at a content counts, and any question.
"""

from __future__ import annotations

# a hash that is weak is weak cryptography to those who know no hashes
KEYS = "regexp_extract(rule, '[0-9]+') AS number, if(cwe = 328, 327, cwe) AS weakness"


def distinct(found: str) -> str:
    """A query of the rows of the relation `found` that say something of their own.

    `found` has the columns of raw.code_findings and `KEYS`. Joined apart by tool: one join with the tool among its
    conditions took minutes for the two million findings of six whole histories.
    """
    followed = f"ANTI JOIN (FROM {found} WHERE tool = 'taint') USING (project, blob_id, line, weakness)"
    return f"""
        FROM {found} WHERE tool = 'taint'
        UNION ALL BY NAME
        FROM (FROM {found} WHERE tool <> 'taint' AND (tool <> 'ruff' OR category <> 'security')) {followed}
        UNION ALL BY NAME
        FROM (FROM {found} WHERE tool = 'ruff' AND category = 'security')
        ANTI JOIN (FROM {found} WHERE tool = 'bandit') USING (project, blob_id, line, number)
        {followed}
    """
