{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
    )
}}

{%- set incremental = is_incremental() %}

with calls as (

    {{ calls_to_take(this, ref('stg_request_samples'), incremental) }}

),

named as (

    select
        *,
        if(source_file is null, 'live', 'access_log') as reported_by
    from calls

),

fresh as (

    select
        project,
        operation,
        service,
        reported_by,
        hour,
        {{ call_figures() }}
    from named
    group by project, operation, service, reported_by, hour

),

hours as (

    select
        * exclude (percentiles),
        percentiles[1] as p50_ms,
        percentiles[2] as p90_ms,
        percentiles[3] as p99_ms
    from fresh
    {% if incremental -%}
        union all by name
        select stored.* from {{ this }} as stored
        anti join fresh on stored.project = fresh.project and stored.hour = fresh.hour
    {%- endif %}

)

select * from hours
order by project asc, operation asc, service asc, hour asc
