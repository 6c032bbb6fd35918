select
    project,
    event_id,
    event_time,
    alert_id,
    rule,
    alert_type,
    kind,
    severity,
    metric,
    subject,
    labels,
    value,
    threshold,
    observed_at,
    message,
    source_id,
    batch_id,
    ingested_at
from {{ source('raw', 'alert_events') }}
qualify {{ earliest(['event_id']) }}
