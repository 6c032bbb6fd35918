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
        * exclude (method, system),
        -- the same request may be told of by the application and by its web server's log
        if(source_file is null, 'live', 'access_log') as reported_by,
        if(operation like 'http.%', coalesce(method, 'unknown'), '') as method,
        if(operation like 'http.%', '', coalesce(system, 'unknown')) as system
    from calls

),

fresh as (

    select
        project,
        operation,
        service,
        system,
        route,
        method,
        reported_by,
        hour,
        {{ call_figures() }}
    from named
    group by project, operation, service, system, route, method, reported_by, hour

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
