select
    project,
    name,
    commit_sha,
    source_id,
    batch_id,
    ingested_at
from {{ source('raw', 'code_tags') }}
-- the tags as they were at the last look; those that were taken away since are none
qualify
    batch_id = first_value(batch_id) over (
        partition by project
        order by ingested_at desc, batch_id desc
    )
