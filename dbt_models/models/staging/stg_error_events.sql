select
    project,
    event_id,
    event_time,
    level,
    type,
    message,
    -- null where it is not the JSON that the contract asks for
    try(from_json(frames, '{{ frames_shape() }}')) as frames,
    exceptions,
    culprit,
    handled,
    logger,
    platform,
    release,
    environment,
    user_key,
    session_id,
    trace_id,
    source_file,
    source_line,
    source_id,
    batch_id,
    ingested_at
from {{ source('raw', 'error_events') }}
qualify {{ earliest(['project', 'event_id']) }}
