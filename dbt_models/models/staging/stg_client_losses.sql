select
    project,
    event_id,
    event_time,
    client,
    category,
    reason,
    quantity,
    source_id,
    batch_id,
    ingested_at
from {{ source('raw', 'client_losses') }}
