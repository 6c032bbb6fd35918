-- not made unique here: a window over every sample would cost seconds, and a batch is stored once
select
    metric,
    project,
    subject,
    labels,
    observed_at,
    value,
    kind,
    source_id,
    batch_id,
    ingested_at
from {{ source('raw', 'metric_samples') }}
