select
    project,
    event_id,
    event_time,
    session_id,
    status,
    sequence,
    errors,
    duration_seconds,
    quantity,
    user_key,
    release,
    environment,
    source_id,
    batch_id,
    ingested_at
from {{ source('raw', 'sessions') }}
-- a session is told of when it begins and again when something changes; the newest word counts
qualify
    row_number() over (
        partition by project, coalesce(session_id, event_id), session_id is null
        order by sequence desc nulls last, ingested_at desc, batch_id desc
    ) = 1
