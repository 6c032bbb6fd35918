with events as (

    select * from {{ ref('error_events') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

totals as (

    select
        project,
        group_id,
        group_key,
        arg_max(type, event_time) as type,
        arg_max(culprit, event_time) as culprit,
        arg_max(level, event_time) as level,
        arg_max(logger, event_time) as logger,
        arg_max(masked_message, event_time) as title,
        arg_max(message, event_time) as sample_message,
        arg_max(event_id, event_time) as sample_event_id,
        min(event_time) as first_seen,
        max(event_time) as last_seen,
        count(*) as events,
        count(distinct user_key) as users,
        count(distinct session_id) as sessions,
        count(*) filter (handled is not null and not handled) as unhandled_events,
        arg_min(release, event_time) as first_release,
        arg_max(release, event_time) as last_release,
        arg_max(batch_id, ingested_at) as batch_id
    from events
    group by all

)

select
    totals.project,
    totals.group_id,
    totals.group_key,
    totals.type,
    totals.culprit,
    totals.title,
    totals.level,
    if(
        epoch(as_of.as_of) - epoch(totals.first_seen) < {{ var('new_group_days') }} * 86400, 'new', 'ongoing'
    ) as status,
    totals.first_seen,
    totals.last_seen,
    totals.events,
    totals.users,
    totals.sessions,
    totals.unhandled_events,
    totals.first_release,
    totals.last_release,
    totals.logger,
    totals.sample_message,
    totals.sample_event_id,
    totals.batch_id
from totals
cross join as_of
order by totals.project asc, totals.events desc, totals.group_id asc
