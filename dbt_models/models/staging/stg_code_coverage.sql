-- several reports may cover one file of a commit; the one written last counts
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
    measured_at,
    source_id,
    batch_id,
    ingested_at
from {{ source('raw', 'code_coverage') }}
qualify
    row_number() over (
        partition by project, commit_sha, path
        order by measured_at desc, ingested_at desc, report asc
    ) = 1
