select
    project,
    table_name,
    position,
    field,
    reason,
    original,
    source_id,
    batch_id,
    ingested_at
from {{ source('raw', 'quarantine') }}
