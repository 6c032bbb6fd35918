with events as (

    select * from {{ ref('error_events') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

groups as (

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
    groups.*,
    if(
        epoch(as_of.as_of) - epoch(groups.first_seen) < {{ var('new_group_days') }} * 86400, 'new', 'ongoing'
    ) as status
from groups
cross join as_of
order by groups.project asc, groups.events desc, groups.group_id asc
