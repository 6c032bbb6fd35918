select
    project,
    commit_sha,
    path,
    report,
    format,
    lines_executable,
    lines_covered,
    branches_total,
    branches_covered,
    executed_lines,
    missing_lines,
    new_lines,
    measured_at,
    source_id,
    batch_id,
    ingested_at
from {{ source('raw', 'code_coverage') }}
qualify {{ newest(['project', 'commit_sha', 'report', 'measured_at', 'path']) }}
