{{ config(materialized='view') }}

with history as (

    select * from {{ ref('alert_history') }}
    where fired_at is not null

),

newest as (

    select max(fired_at) as at
    from history

),

rules as (

    select
        history.project,
        history.rule,
        count(*) as episodes,
        avg(cast(history.human_actions = 0 as integer)) as untouched_share,
        avg(cast(history.duration_seconds < 300 as integer)) as short_share,
        avg(cast(history.flapped or history.reopened > 0 as integer)) as restless_share,
        count(*) filter (history.actionable) / nullif(count(*) filter (history.actionable is not null), 0)
            as precision_as_marked,
        quantile_cont(history.duration_seconds, 0.9) as p90_duration_seconds,
        max(history.batch_id) as batch_id
    from history
    cross join newest
    where history.fired_at > newest.at - interval 30 day
    group by history.project, history.rule

)

select
    project,
    rule,
    episodes,
    untouched_share,
    short_share,
    restless_share,
    precision_as_marked,
    case
        when precision_as_marked < 0.5
            then 'Half of what was marked is noise: move the threshold, or remove the rule.'
        when restless_share >= 0.3 then 'It comes and goes: give it a clear level, or keep_firing_for.'
        when episodes >= 5 and short_share >= 0.5
            then 'Most are over within five minutes: let it hold `for` five minutes before it fires.'
        when episodes >= 5 and untouched_share = 1
            then 'Nobody has done anything about it in 30 days: tell fewer people, or remove it.'
    end as suggestion,
    p90_duration_seconds,
    batch_id
from rules
