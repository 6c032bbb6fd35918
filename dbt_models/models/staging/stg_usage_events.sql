select
    project,
    event_id,
    event_time,
    {{ utc_day('event_time') }} as day,
    event_name,
    coalesce(feature, event_name) as feature,
    user_key,
    session_id as client_session_id,
    properties,
    release,
    environment,
    source_file,
    source_line,
    source_id,
    batch_id,
    ingested_at
from {{ source('raw', 'usage_events') }}
qualify {{ earliest(['project', 'event_id']) }}
