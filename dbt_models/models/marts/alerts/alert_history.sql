{{ config(materialized='view') }}

with events as (

    select
        *,
        case severity when 'critical' then 3 when 'warning' then 2 else 1 end as severity_rank
    from {{ ref('stg_alert_events') }}

),

episodes as (

    select
        project,
        alert_id,
        min(event_time) filter (kind = 'fired') as fired_at,
        min(event_time) filter (kind = 'acknowledged') as acknowledged_at,
        max(event_time) filter (kind = 'resolved') as last_resolved_at,
        arg_max(kind, event_time) filter (kind in ('fired', 'reopened', 'resolved')) as last_turn,
        arg_max(severity, severity_rank) as severity,
        any_value(rule) as rule,
        any_value(alert_type) as alert_type,
        any_value(metric) as metric,
        any_value(subject) as subject,
        any_value(labels) as labels,
        arg_min(value, event_time) filter (kind = 'fired') as value,
        arg_min(threshold, event_time) filter (kind = 'fired') as threshold,
        arg_min(observed_at, event_time) filter (kind = 'fired') as observed_at,
        arg_min(breached_at, event_time) filter (kind = 'fired') as breached_at,
        arg_min(message, event_time) filter (kind = 'fired') as message,
        arg_max(value, event_time) as last_value,
        arg_max(reason, event_time) filter (kind = 'resolved') as reason,
        arg_max(note, event_time) filter (kind = 'marked') as mark,
        count(*) filter (kind = 'reopened') as reopened,
        count(*) filter (kind = 'flapping') > 0 as flapped,
        count(*) filter (actor is not null) as human_actions,
        count(*) filter (kind in ('fired', 'reopened', 'severity_changed', 'resolved')) as transitions,
        arg_max(batch_id, ingested_at) as batch_id
    from events
    group by project, alert_id

)

select
    project,
    alert_id,
    rule,
    alert_type,
    severity,
    metric,
    subject,
    labels,
    coalesce(breached_at, observed_at) as breached_at,
    observed_at,
    fired_at,
    acknowledged_at,
    case when last_turn = 'resolved' then last_resolved_at end as resolved_at,
    coalesce(last_turn <> 'resolved', true) as is_open,
    case when last_turn = 'resolved' then reason end as reason,
    coalesce(last_turn = 'resolved' and reason = 'manual', false) as resolved_by_hand,
    epoch(fired_at) - epoch(coalesce(breached_at, observed_at)) as seconds_to_detect,
    epoch(acknowledged_at) - epoch(fired_at) as seconds_to_acknowledge,
    case when last_turn = 'resolved' then epoch(last_resolved_at) - epoch(fired_at) end as duration_seconds,
    value,
    last_value,
    threshold,
    message,
    case mark when 'actionable' then true when 'noise' then false end as actionable,
    reopened,
    flapped,
    human_actions,
    transitions,
    batch_id
from episodes
