{{ config(materialized='view') }}

with history as (

    select * from {{ ref('alert_history') }}

),

told as (

    select
        unnest(from_json(alert_ids, '["varchar"]')) as alert_id,
        message_id,
        kind,
        max(attempt) as attempts,
        bool_or(outcome = 'delivered') as delivered
    from {{ ref('stg_deliveries') }}
    group by alert_ids, message_id, kind

),

told_of as (

    select
        alert_id,
        count(*) as notifications,
        count(*) filter (not delivered) as undelivered
    from told
    group by alert_id

),

episodes as (

    select
        history.*,
        cast(timezone('UTC', history.fired_at) as date) as day,
        coalesce(told_of.notifications, 0) as notifications,
        coalesce(told_of.undelivered, 0) as undelivered,
        hour(timezone('UTC', history.fired_at)) not between 7 and 21 as at_night,
        history.human_actions = 0 and not history.is_open and history.duration_seconds < 300 as unattended
    from history
    left join told_of on history.alert_id = told_of.alert_id
    where history.fired_at is not null

)

select
    day,
    project,
    rule,
    any_value(alert_type) as alert_type,
    count(*) as episodes,
    count(*) filter (severity = 'critical') as critical,
    count(*) filter (is_open) as still_open,
    sum(notifications) as notifications,
    sum(undelivered) as undelivered,
    sum(notifications) / count(*) as notifications_per_episode,
    avg(seconds_to_detect) as mean_seconds_to_detect,
    avg(seconds_to_acknowledge) as mean_seconds_to_acknowledge,
    median(seconds_to_acknowledge) as median_seconds_to_acknowledge,
    quantile_cont(seconds_to_acknowledge, 0.9) as p90_seconds_to_acknowledge,
    avg(cast(acknowledged_at is null as integer)) as never_acknowledged_share,
    avg(duration_seconds) filter (not resolved_by_hand) as mean_seconds_to_resolve,
    avg(duration_seconds) filter (resolved_by_hand) as mean_seconds_to_resolve_by_hand,
    avg(cast(unattended as integer)) as unattended_share,
    avg(cast(flapped as integer)) as flapped_share,
    avg(cast(at_night as integer)) as night_share,
    count(*) filter (actionable) as marked_actionable,
    count(*) filter (not actionable) as marked_noise,
    count(*) filter (actionable) / nullif(count(*) filter (actionable is not null), 0) as precision_as_marked,
    max(batch_id) as batch_id
from episodes
group by day, project, rule
