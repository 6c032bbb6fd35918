select
    project,
    commit_sha,
    clone_group,
    kind,
    path,
    start_line,
    end_line,
    tokens,
    source_id,
    batch_id,
    ingested_at
from {{ source('raw', 'code_duplicates') }}
-- a tree that was compared again has the groups of that look alone
qualify
    batch_id = first_value(batch_id) over (
        partition by project, commit_sha
        order by ingested_at desc, batch_id desc
    )
