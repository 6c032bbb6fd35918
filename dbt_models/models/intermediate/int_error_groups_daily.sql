with errors as (

    select
        *,
        epoch_us(event_time) // 86400000000 as day_number
    from {{ ref('error_events') }}
    where is_error

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

counts as (

    select
        errors.project,
        errors.day_number,
        count(distinct errors.group_id) as groups,
        arg_max(errors.batch_id, errors.ingested_at) as batch_id
    from errors
    cross join as_of
    where errors.day_number < as_of.open_day_number
    group by all

),

days as (

    {{ calendar('counts', 'day_number', 'open_day_number', 1, var('series_days')) }}

)

select
    days.project,
    cast(make_timestamp(days.day_number * 86400000000) as date) as day,
    coalesce(counts.groups, 0) as groups,
    last_value(counts.batch_id ignore nulls) over (
        partition by days.project order by days.day_number
    ) as batch_id
from days
left join counts on days.project = counts.project and days.day_number = counts.day_number
