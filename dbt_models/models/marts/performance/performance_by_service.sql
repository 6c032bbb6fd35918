{{ config(materialized='view') }}

with calls as (

    select * from {{ ref('int_services_hourly') }}
    where operation = 'http.server'

),

as_of as (

    select * from {{ ref('int_as_of') }}

)

select
    calls.project,
    calls.service,
    calls.reported_by,
    calls.hour,
    {{ request_figures() }},
    calls.batch_id
from calls
cross join as_of
