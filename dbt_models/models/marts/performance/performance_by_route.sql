{{ config(materialized='view') }}

with calls as (

    select * from {{ ref('int_calls_hourly') }}
    where operation = 'http.server'

),

as_of as (

    select * from {{ ref('int_as_of') }}

)

select
    calls.project,
    calls.service,
    calls.route,
    calls.method,
    calls.reported_by,
    calls.hour,
    calls.calls as requests,
    calls.errors,
    calls.errors / calls.calls as error_rate,
    calls.calls / {{ minutes_over('calls.hour', 'as_of.as_of') }} as throughput,
    calls.p50_ms,
    calls.p90_ms,
    calls.p99_ms,
    calls.mean_ms,
    calls.max_ms,
    {{ apdex() }} as apdex,
    calls.statuses_2xx,
    calls.statuses_3xx,
    calls.statuses_4xx,
    calls.statuses_5xx,
    calls.last_at,
    calls.batch_id
from calls
cross join as_of
