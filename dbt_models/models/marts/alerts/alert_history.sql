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
        max(event_time) filter (kind = 'resolved') as resolved_at,
        arg_max(severity, severity_rank) as severity,
        any_value(rule) as rule,
        any_value(alert_type) as alert_type,
        any_value(metric) as metric,
        any_value(subject) as subject,
        any_value(labels) as labels,
        arg_min(value, event_time) filter (kind = 'fired') as value,
        arg_min(threshold, event_time) filter (kind = 'fired') as threshold,
        arg_min(observed_at, event_time) filter (kind = 'fired') as observed_at,
        arg_min(message, event_time) filter (kind = 'fired') as message,
        arg_max(value, event_time) as last_value,
        count(*) as transitions,
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
    observed_at,
    fired_at,
    acknowledged_at,
    resolved_at,
    resolved_at is null as is_open,
    epoch(fired_at) - epoch(observed_at) as seconds_to_detect,
    epoch(acknowledged_at) - epoch(fired_at) as seconds_to_acknowledge,
    epoch(resolved_at) - epoch(fired_at) as duration_seconds,
    value,
    last_value,
    threshold,
    message,
    transitions,
    batch_id
from episodes
