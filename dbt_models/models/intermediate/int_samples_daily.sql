{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
    )
}}

{%- set first_day = first_day_to_redo(this, ref('fct_observations_samples')) if is_incremental() %}

with samples as (

    select * from {{ ref('fct_observations_samples') }}
    {% if first_day -%}
        where observed_at >= {{ utc_instant(first_day) }}
    {%- endif %}

),

fresh as (

    select
        metric,
        project,
        subject,
        labels,
        {{ utc_day('observed_at') }} as day,
        {{ daily_figures() }},
        max(ingested_at) as ingested_at
    from samples
    group by all

),

days as (

    select * from fresh
    {% if first_day -%}
        union all
        select * from {{ this }}
        where day < {{ first_day }}
    {%- endif %}

)

select * from days
order by metric asc, project asc, subject asc, day asc
