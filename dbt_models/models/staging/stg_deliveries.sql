select
    project,
    delivery_id,
    message_id,
    channel,
    kind,
    severity,
    alert_ids,
    attempt,
    created_at,
    started_at,
    seconds,
    outcome,
    status,
    error,
    source_id,
    batch_id,
    ingested_at
from {{ source('raw', 'deliveries') }}
qualify {{ earliest(['delivery_id']) }}
