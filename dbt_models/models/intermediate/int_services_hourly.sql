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

    {{ fresh_and_stored_hours(this, incremental) }}

)

select * from hours
order by project asc, operation asc, service asc, hour asc
