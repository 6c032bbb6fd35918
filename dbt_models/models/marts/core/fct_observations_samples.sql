{{
    config(
        materialized='incremental',
        sorted_by=['metric', 'project', 'subject', 'observed_at'],
    )
}}

{%- set incremental = is_incremental() %}
{%- set newest = newest_taken(this) if incremental %}

with samples as (

    select * from {{ ref('stg_metric_samples') }}
    {% if incremental -%}
        where ingested_at >= {{ newest }}
    {%- endif %}

),

{% if incremental -%}
    taken as (

        select batch_id from {{ this }}
        where ingested_at >= {{ newest }}

    ),
{%- endif %}

fresh as (

    select * from samples
    {% if incremental -%}
        anti join taken on samples.batch_id = taken.batch_id
    {%- endif %}

),

{% if incremental -%}
    since as (

        select min(observed_at) - interval {{ var('counter_gap_minutes') }} minutes as observed_at from fresh
        where kind = 'counter'

    ),
{%- endif %}

-- those that are fresh and those just before them, which the first step is taken from
counters as (

    select samples.* from samples
    {% if incremental -%}
        inner join since on samples.observed_at >= since.observed_at
    {%- endif %}
    where samples.kind = 'counter'

),

steps as (

    select
        *,
        value - lag(value) over series as increase,
        epoch(observed_at) - epoch(lag(observed_at) over series) as seconds
    from counters
    window
        series as (
            partition by metric, project, subject, labels
            order by observed_at asc, ingested_at asc, batch_id asc
        )

),

-- a counter that fell was started anew: how much it counted before nobody knows, so nothing is said
rates as (

    select
        * exclude (value, increase, seconds),
        increase / seconds as value
    from steps
    semi join fresh on steps.batch_id = fresh.batch_id
    where
        steps.increase >= 0
        and steps.seconds > 0
        and steps.seconds <= 60 * {{ var('counter_gap_minutes') }}

),

observations as (

    select * from fresh
    where kind <> 'counter'

    union all by name

    select * from rates

)

select
    metric,
    project,
    subject,
    labels,
    observed_at,
    value,
    batch_id,
    ingested_at
from observations
order by metric asc, project asc, subject asc, observed_at asc
