{{ config(materialized='view') }}

with attempts as (

    select * from {{ ref('stg_deliveries') }}

)

select
    project,
    message_id,
    channel,
    any_value(kind) as kind,
    any_value(severity) as severity,
    any_value(alert_ids) as alert_ids,
    any_value(created_at) as created_at,
    min(started_at) as first_attempt_at,
    max(started_at) as last_attempt_at,
    max(attempt) as attempts,
    bool_or(outcome = 'delivered') as delivered,
    min(started_at + to_microseconds(cast(seconds * 1000000 as bigint))) filter (outcome = 'delivered')
        as delivered_at,
    epoch(
        min(started_at + to_microseconds(cast(seconds * 1000000 as bigint))) filter (outcome = 'delivered')
        - any_value(created_at)
    ) as seconds_to_deliver,
    arg_max(status, started_at) as last_status,
    arg_max(error, started_at) as last_error,
    arg_max(batch_id, ingested_at) as batch_id
from attempts
group by project, message_id, channel
