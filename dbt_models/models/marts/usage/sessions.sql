with events as (

    select * from {{ ref('int_usage_sessions') }}

),

sessions as (

    select
        project,
        session_id,
        user_key,
        client_session_id,
        min(event_time) as started_at,
        max(event_time) as ended_at,
        epoch(max(event_time)) - epoch(min(event_time)) as duration_seconds,
        count(*) as depth,
        count(distinct event_name) as distinct_events,
        first(event_name order by event_time asc, event_id asc) as entry_event,
        last(event_name order by event_time asc, event_id asc) as exit_event,
        arg_max(release, event_time) as release,
        arg_max(environment, event_time) as environment,
        arg_max(batch_id, ingested_at) as batch_id
    from events
    group by all

)

select
    project,
    session_id,
    user_key,
    client_session_id,
    started_at,
    ended_at,
    {{ utc_day('started_at') }} as day,
    duration_seconds,
    depth,
    distinct_events,
    depth = 1 as is_bounce,
    depth >= 2 or duration_seconds >= 10 as is_engaged,
    entry_event,
    exit_event,
    release,
    environment,
    batch_id
from sessions
order by project asc, started_at asc
