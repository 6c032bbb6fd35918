with sessions as (

    select
        *,
        case
            when status in ('crashed', 'abnormal', 'unhandled') then status
            when status = 'errored' or errors > 0 then 'errored'
            else 'healthy'
        end as ending
    from {{ ref('stg_sessions') }}

),

counts as (

    select
        project,
        coalesce(release, 'unknown') as release,
        coalesce(environment, 'unknown') as environment,
        {{ utc_day('event_time') }} as day,
        cast(sum(quantity) as bigint) as sessions,
        cast(coalesce(sum(quantity) filter (ending = 'errored'), 0) as bigint) as errored,
        cast(coalesce(sum(quantity) filter (ending = 'unhandled'), 0) as bigint) as unhandled,
        cast(coalesce(sum(quantity) filter (ending = 'crashed'), 0) as bigint) as crashed,
        cast(coalesce(sum(quantity) filter (ending = 'abnormal'), 0) as bigint) as abnormal,
        cast(coalesce(sum(quantity) filter (ending = 'healthy'), 0) as bigint) as healthy,
        arg_max(batch_id, ingested_at) as batch_id,
        max(ingested_at) as ingested_at
    from sessions
    group by all

)

select
    project,
    release,
    environment,
    day,
    sessions,
    healthy,
    errored,
    unhandled,
    crashed,
    abnormal,
    1 - crashed / sessions as crash_free_rate,
    healthy / sessions as error_free_rate,
    batch_id,
    ingested_at
from counts
order by project asc, day asc, release asc, environment asc
