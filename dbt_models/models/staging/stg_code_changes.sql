select
    project,
    commit_sha,
    path,
    lines_added,
    lines_removed,
    source_id,
    batch_id,
    ingested_at
from {{ source('raw', 'code_changes') }}
qualify {{ newest(['project', 'commit_sha', 'path']) }}
