with events as (

    select
        *,
        epoch_us(event_time) // 86400000000 as day_number
    from {{ ref('int_usage_sessions') }}

),

as_of as (

    select
        *,
        open_day_number + 1 as next_day_number
    from {{ ref('int_as_of') }}

),

sessions as (

    select
        project,
        day,
        count(*) as sessions,
        count(*) filter (is_engaged) as engaged_sessions
    from {{ ref('sessions') }}
    group by all

),

counts as (

    select
        events.project,
        events.day_number,
        count(*) as events,
        count(distinct events.user_key) as dau,
        arg_max(events.batch_id, events.ingested_at) as batch_id
    from events
    cross join as_of
    where events.day_number < as_of.next_day_number
    group by all

),

active as (

    select distinct
        project,
        user_key,
        day_number
    from events

),

user_days as (

    select
        *,
        lead(day_number) over (partition by project, user_key order by day_number) as next_day_number
    from active

),

-- a user counts in a window of n days from a day of activity until n days later or the next such day:
-- one step up and one down for each, so that running sums count distinct users without a distinct
steps as (

    select
        project,
        day_number,
        1 as weekly,
        1 as monthly
    from user_days

    union all

    select
        project,
        least(day_number + 7, coalesce(next_day_number, day_number + 7)) as day_number,
        -1 as weekly,
        0 as monthly
    from user_days

    union all

    select
        project,
        least(day_number + 30, coalesce(next_day_number, day_number + 30)) as day_number,
        0 as weekly,
        -1 as monthly
    from user_days

),

days as (

    {{ calendar('counts', 'day_number', 'next_day_number', 1, var('daily_series_days')) }}

),

levels as (

    select distinct
        project,
        day_number,
        sum(weekly) over moments as wau,
        sum(monthly) over moments as mau
    from steps
    window moments as (partition by project order by day_number)

),

users as (

    select
        project,
        user_key,
        min(day_number) as day_number
    from user_days
    group by all

),

firsts as (

    select
        project,
        day_number,
        count(*) as new_users
    from users
    group by all

),

measured as (

    select
        days.project,
        days.day_number,
        cast(make_timestamp(days.day_number * 86400000000) as date) as day,
        coalesce(counts.dau, 0) as dau,
        cast(coalesce(levels.wau, 0) as bigint) as wau,
        cast(coalesce(levels.mau, 0) as bigint) as mau,
        coalesce(firsts.new_users, 0) as new_users,
        coalesce(counts.events, 0) as events,
        counts.batch_id
    from days
    asof left join levels on days.project = levels.project and days.day_number >= levels.day_number
    left join counts on days.project = counts.project and days.day_number = counts.day_number
    left join firsts on days.project = firsts.project and days.day_number = firsts.day_number

)

select
    measured.project,
    measured.day,
    measured.dau,
    measured.wau,
    measured.mau,
    -- mean of the daily users over those of the same 30 days; null until there are 30
    if(
        count(*) over month_to_day = 30,
        avg(measured.dau) over month_to_day / nullif(measured.mau, 0),
        null
    ) as stickiness,
    measured.new_users,
    measured.events,
    coalesce(sessions.sessions, 0) as sessions,
    coalesce(sessions.engaged_sessions, 0) as engaged_sessions,
    measured.day_number < as_of.open_day_number as is_complete,
    last_value(measured.batch_id ignore nulls) over (
        partition by measured.project order by measured.day_number
    ) as batch_id
from measured
cross join as_of
left join sessions on measured.project = sessions.project and measured.day = sessions.day
window
    month_to_day as (
        partition by measured.project order by measured.day_number
        rows between 29 preceding and current row
    )
order by measured.project asc, measured.day asc
