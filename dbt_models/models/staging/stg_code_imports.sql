select
    project,
    commit_sha,
    path,
    line,
    module,
    target,
    deferred,
    cycle,
    source_id,
    batch_id,
    ingested_at
from {{ source('raw', 'code_imports') }}
-- a tree that was looked at again has the imports of that look alone
qualify
    batch_id = first_value(batch_id) over (
        partition by project, commit_sha
        order by ingested_at desc, batch_id desc
    )
