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

    {{ fresh_and_stored_hours(this, incremental) }}

)

select * from hours
order by project asc, operation asc, service asc, hour asc
