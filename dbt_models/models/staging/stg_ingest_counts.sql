select
    project,
    hour,
    door,
    category,
    outcome,
    reason,
    quantity,
    source_id,
    batch_id,
    ingested_at
from {{ source('raw', 'ingest_counts') }}
