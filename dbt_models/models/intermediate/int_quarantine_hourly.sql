with batches as (

    select
        *,
        epoch_us(ingested_at) // 3600000000 as hour_number
    from {{ ref('stg_batches') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

-- hours in which something was read, whether or not something was refused
counts as (

    select
        batches.project,
        batches.hour_number,
        cast(sum(batches.rejected_count) as bigint) as rows,
        arg_max(batches.batch_id, batches.ingested_at) as batch_id
    from batches
    cross join as_of
    where batches.hour_number < as_of.open_hour
    group by all

),

hours as (

    {{ calendar('counts', 'hour_number', 'open_hour', 24, var('series_days')) }}

)

select
    hours.project,
    to_timestamp(hours.hour_number * 3600) as hour,
    coalesce(counts.rows, 0) as rows,
    last_value(counts.batch_id ignore nulls) over (
        partition by hours.project order by hours.hour_number
    ) as batch_id
from hours
left join counts on hours.project = counts.project and hours.hour_number = counts.hour_number
