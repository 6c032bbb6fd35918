{{ config(materialized='table') }}


with recursive events as (

    select
        *,
        epoch_us(event_time) as moment,
        client_session_id is null as is_ours
    from {{ ref('stg_usage_events') }}

),

-- a client's own session stands as it is; otherwise a gap begins a new one
gaps as (

    select
        *,
        is_ours
        and moment - lag(moment) over visit >= {{ var('session_gap_minutes') }} * 60000000 as begins
    from events
    window visit as (partition by project, user_key, client_session_id order by moment, event_id)

),

runs as (

    select
        *,
        count(*) filter (begins) over visit_so_far as run
    from gaps
    window visit_so_far as (partition by project, user_key, client_session_id order by moment, event_id)

),

bounds as (

    select
        project,
        user_key,
        client_session_id,
        run,
        is_ours,
        min(moment) as first_at,
        max(moment) as last_at
    from runs
    group by all

),

long_runs as (

    select
        runs.project,
        runs.user_key,
        runs.run,
        runs.moment
    from runs
    inner join bounds
        on runs.project = bounds.project and runs.user_key = bounds.user_key and runs.run = bounds.run
    where
        runs.is_ours
        and bounds.is_ours
        and bounds.last_at - bounds.first_at > {{ var('session_cap_hours') }} * 3600000000

),

-- without a gap for longer than the cap: the first event beyond it begins the next session
starts as (

    select
        project,
        user_key,
        run,
        min(moment) as started_at
    from long_runs
    group by all

    union all

    select
        starts.project,
        starts.user_key,
        starts.run,
        min(long_runs.moment) as started_at
    from starts
    inner join long_runs
        on
            starts.project = long_runs.project
            and starts.user_key = long_runs.user_key
            and starts.run = long_runs.run
            and long_runs.moment > starts.started_at + {{ var('session_cap_hours') }} * 3600000000
    group by starts.project, starts.user_key, starts.run, starts.started_at

),

begun as (

    select
        project,
        user_key,
        client_session_id,
        run,
        first_at as started_at
    from bounds

    union

    select
        project,
        user_key,
        null as client_session_id,
        run,
        started_at
    from starts

)

select
    runs.project,
    runs.event_id,
    runs.event_time,
    runs.day,
    runs.event_name,
    runs.feature,
    runs.user_key,
    runs.client_session_id,
    md5(concat_ws('|', runs.user_key, coalesce(runs.client_session_id, 'at ' || begun.started_at)))[:16]
        as session_id,
    runs.release,
    runs.environment,
    runs.batch_id,
    runs.ingested_at
from runs
asof inner join begun
    on
        runs.project = begun.project
        and runs.user_key = begun.user_key
        and coalesce(runs.client_session_id, '') = coalesce(begun.client_session_id, '')
        and runs.run = begun.run
        and runs.moment >= begun.started_at
order by runs.project asc, runs.event_time asc
