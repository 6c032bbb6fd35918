{{ config(materialized='view') }}

with calls as (

    select * from {{ ref('int_calls_hourly') }}
    where operation = 'database'

)

select
    project,
    service,
    system,
    route as statement,
    reported_by,
    hour,
    calls,
    errors,
    errors / calls as error_rate,
    p50_ms,
    p90_ms,
    p99_ms,
    mean_ms,
    max_ms,
    total_ms,
    total_ms / nullif(sum(total_ms) over same_hour, 0) as share_of_time,
    slow as slow_calls,
    last_at,
    batch_id
from calls
window same_hour as (partition by project, service, reported_by, hour)
