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
        count(*) as events,
        count(distinct event_name) as depth,
        count(*) = 1 as is_bounce,
        arg_min(event_name, {'moment': event_time, 'id': event_id}) as entry_event,
        arg_max(event_name, {'moment': event_time, 'id': event_id}) as exit_event,
        arg_max(release, event_time) as release,
        arg_max(environment, event_time) as environment,
        arg_max(batch_id, ingested_at) as batch_id
    from events
    group by all

)

select
    *,
    {{ utc_day('started_at') }} as day,
    events >= 2 or duration_seconds >= 10 as is_engaged
from sessions
order by project asc, started_at asc
