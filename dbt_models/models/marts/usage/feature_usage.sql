with events as (

    select
        *,
        min(day) over (partition by project, feature, user_key) as first_used_by_user,
        min(day) over (partition by project, feature) as first_used_on
    from {{ ref('int_usage_sessions') }}

),

active as (

    select
        project,
        day,
        dau
    from {{ ref('engagement_daily') }}

),

features as (

    select
        project,
        feature,
        day,
        count(*) as events,
        count(distinct user_key) as users,
        count(distinct session_id) as sessions,
        count(distinct user_key) filter (first_used_by_user = day) as new_users,
        any_value(first_used_on) as first_used_on,
        arg_max(batch_id, ingested_at) as batch_id
    from events
    group by all

)

select
    features.project,
    features.feature,
    features.day,
    features.events,
    features.users,
    features.sessions,
    features.new_users,
    features.first_used_on,
    100.0 * features.users / active.dau as users_percent,
    features.batch_id
from features
left join active on features.project = active.project and features.day = active.day
order by features.project asc, features.feature asc, features.day asc
