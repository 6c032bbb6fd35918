select
    project,
    commit_sha,
    name,
    score,
    reason,
    evidence,
    source_id,
    batch_id,
    ingested_at
from {{ source('raw', 'code_practices') }}
-- a tree that was looked at again says what it says now
qualify {{ newest(['project', 'commit_sha', 'name']) }}
