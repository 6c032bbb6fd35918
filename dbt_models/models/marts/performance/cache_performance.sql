{{ config(materialized='view') }}

with calls as (

    select * from {{ ref('int_calls_hourly') }}
    where operation = 'cache'

)

select
    project,
    service,
    system,
    route as key_pattern,
    reported_by,
    hour,
    calls,
    errors,
    hits,
    misses,
    hits / nullif(hits + misses, 0) as hit_rate,
    p50_ms,
    p99_ms,
    mean_ms,
    max_ms,
    total_ms,
    slow as slow_calls,
    last_at,
    batch_id
from calls
