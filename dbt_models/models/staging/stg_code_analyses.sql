-- the newest look that each tool took at a content
select
    project,
    blob_id,
    tool,
    tool_version,
    source_id,
    batch_id,
    ingested_at
from {{ source('raw', 'code_analyses') }}
qualify {{ newest(['project', 'blob_id', 'tool']) }}
