select
    project,
    commit_sha,
    path,
    report,
    format,
    lines_executable,
    lines_covered,
    100.0 * lines_covered / nullif(lines_executable, 0) as line_percent,
    branches_total,
    branches_covered,
    100.0 * branches_covered / nullif(branches_total, 0) as branch_percent,
    measured_at,
    batch_id,
    ingested_at
from {{ ref('int_coverage') }}
qualify known_at = max(known_at) over (partition by project, commit_sha)
order by project asc, commit_sha asc, path asc
