select
    project,
    group_id,
    coalesce(release, 'unknown') as release,
    coalesce(environment, 'unknown') as environment,
    day,
    count(*) as events,
    count(distinct user_key) as users,
    count(distinct session_id) as sessions,
    min(event_time) as first_seen,
    max(event_time) as last_seen,
    arg_max(batch_id, ingested_at) as batch_id
from {{ ref('error_events') }}
group by all
order by project asc, day asc, group_id asc
