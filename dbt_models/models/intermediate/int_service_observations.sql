with as_of as (

    select * from {{ ref('int_as_of') }}

),

services as (

    select
        *,
        epoch_us(hour) // 3600000000 as hour_number,
        -- told by the application and by its web server's log they are two series
        if(reported_by = 'live', '{}', '{"reported_by":"' || reported_by || '"}') as labels
    from {{ ref('int_services_hourly') }}

),

uptime as (

    select * from {{ ref('int_uptime_hourly') }}

),

-- the open hour would look like a drop
closed as (

    select services.* from services
    cross join as_of
    where services.hour_number < as_of.open_hour

),

requests as (

    select * from closed
    where operation = 'http.server'

),

hours as (

    {{ calendar(
        'requests', 'hour_number', 'open_hour', 24, var('series_days'), ['project', 'service', 'labels']
    ) }}

),

observations as (

    -- the only one that has a value in an hour without requests
    select
        'performance.requests' as metric,
        hours.project,
        hours.service,
        hours.labels,
        to_timestamp(hours.hour_number * 3600) as hour,
        coalesce(requests.calls, 0) as value,
        last_value(requests.batch_id ignore nulls) over so_far as batch_id
    from hours
    left join requests
        on
            hours.project = requests.project
            and hours.service = requests.service
            and hours.labels = requests.labels
            and hours.hour_number = requests.hour_number
    window so_far as (partition by hours.project, hours.service, hours.labels order by hours.hour_number)

    union all

    select
        unnest(['performance.error_rate', 'performance.p50_ms', 'performance.p99_ms', 'performance.apdex'])
            as metric,
        project,
        service,
        labels,
        hour,
        unnest([errors / calls, p50_ms, p99_ms, {{ apdex() }}]) as value,
        batch_id
    from requests

    union all

    select
        unnest(['database.p99_ms', 'database.error_rate']) as metric,
        project,
        service,
        labels,
        hour,
        unnest([p99_ms, errors / calls]) as value,
        batch_id
    from closed
    where operation = 'database'

    union all

    select
        'cache.hit_rate' as metric,
        project,
        service,
        labels,
        hour,
        hits / nullif(hits + misses, 0) as value,
        batch_id
    from closed
    where operation = 'cache'

    union all

    select
        'health.uptime_percent' as metric,
        project,
        service,
        '{}' as labels,
        hour,
        uptime_percent as value,
        batch_id
    from uptime

)

select
    metric,
    project,
    service,
    labels,
    hour,
    cast(value as double) as value,
    batch_id
from observations
where value is not null
