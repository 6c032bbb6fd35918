"""Debt and ratings of a repository's newest commit, out of raw rows; the marts count the same (`int_debt.sql`).

Does not belong here: minutes and bounds (`model/debt.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quality_platform.model.debt import BY_SEVERITY, DEBT_RULES, debt_rating, debt_ratio

if TYPE_CHECKING:
    from quality_platform.warehouse.newest_tree import Ask

DEBT = """
    WITH rules AS (
        SELECT unnest(
            ?::STRUCT("rule" VARCHAR, measure VARCHAR, above BIGINT, minutes BIGINT, more BIGINT)[], recursive := true
        )
    ), measured AS (
        UNPIVOT (SELECT cyclomatic_complexity::BIGINT AS cyclomatic_complexity,
                        cognitive_complexity::BIGINT AS cognitive_complexity,
                        (end_line - start_line + 1)::BIGINT AS lines,
                        max_nesting::BIGINT AS max_nesting, parameters::BIGINT AS parameters FROM functions)
        ON cyclomatic_complexity, cognitive_complexity, lines, max_nesting, parameters INTO NAME measure VALUE figure
    ), broken AS (
        SELECT r.minutes + r.more * (m.figure - r.above) AS minutes
        FROM measured m JOIN rules r ON m.measure = r.measure AND m.figure > r.above
        UNION ALL
        SELECT r.minutes FROM findings f JOIN rules r ON r."rule" = CASE
            WHEN regexp_matches(f."rule", '^[BS]101$') THEN 'security_info'  -- an assert is how tests are written
            WHEN f.category = 'security' THEN 'security_' || f.severity
            WHEN f."rule" IN ('E722', 'BLE001') THEN 'broad_except'
            WHEN f."rule" IN ('F401', 'F811', 'F841', 'B018') THEN 'unused'
            ELSE f.category END
    )
    SELECT coalesce(sum(minutes), 0)::BIGINT AS minutes,
           (SELECT coalesce(sum(source_lines), 0)::BIGINT FROM files JOIN numbers USING (project, blob_id)) AS lines
    FROM broken
"""
GRAVEST = """
    SELECT category, severity FROM findings WHERE category IN ('security', 'error')
    QUALIFY row_number() OVER (
        PARTITION BY category ORDER BY list_position(['critical', 'high', 'medium', 'low', 'info'], severity)
    ) = 1
"""


def rated(ask: Ask) -> dict[str, Any]:
    """Debt in minutes, in percent of the time the lines took, and ratings A to E; None of a project without lines."""
    rules = [
        {"rule": each.rule, "measure": each.measure, "above": each.above, "minutes": each.minutes,
         "more": each.minutes_per_unit}
        for each in DEBT_RULES
    ]  # fmt: skip
    debt = ask(DEBT, [rules])[0]
    gravest = {row["category"]: BY_SEVERITY.get(row["severity"], "A") for row in ask(GRAVEST)}
    ratio = debt_ratio(debt["minutes"], debt["lines"])
    is_code = ratio is not None
    return {
        "debt_minutes": debt["minutes"],
        "debt_ratio": ratio,
        "debt_rating": debt_rating(ratio),
        "security_rating": gravest.get("security", "A") if is_code else None,
        "reliability_rating": gravest.get("error", "A") if is_code else None,
    }
