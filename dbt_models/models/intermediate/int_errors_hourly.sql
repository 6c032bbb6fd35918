with errors as (

    select
        *,
        epoch_us(event_time) // 3600000000 as hour_number
    from {{ ref('error_events') }}
    where is_error

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

counts as (

    select
        errors.project,
        errors.hour_number,
        count(*) as events,
        arg_max(errors.batch_id, errors.ingested_at) as batch_id
    from errors
    cross join as_of
    -- the open hour would look like a drop
    where errors.hour_number < as_of.open_hour
    group by all

),

hours as (

    {{ calendar('counts', 'hour_number', 'open_hour', 24, var('series_days')) }}

)

select
    hours.project,
    to_timestamp(hours.hour_number * 3600) as hour,
    coalesce(counts.events, 0) as events,
    -- an hour without events rests on what was read last before it
    last_value(counts.batch_id ignore nulls) over (
        partition by hours.project order by hours.hour_number
    ) as batch_id
from hours
left join counts on hours.project = counts.project and hours.hour_number = counts.hour_number
