{{ config(materialized='view') }}

{%- set spans = {'1h': 1, '24h': 24, '7d': 168, '30d': 720} %}

with as_of as (

    select * from {{ ref('int_as_of') }}

),

samples as (

    select
        samples.*,
        as_of.as_of
    from {{ ref('stg_metric_samples') }} as samples
    cross join as_of
    where
        samples.metric in ('probe.up', 'probe.certificate_days_left')
        and samples.observed_at > as_of.as_of - interval 720 hours

),

-- the newest hour straight from raw, so that the status is fresh
requests as (

    select
        requests.project,
        requests.service,
        count(*) as requests,
        count(*) filter (requests.is_error) / count(*) as error_rate,
        max(requests.event_time) as last_at,
        arg_max(requests.batch_id, requests.ingested_at) as batch_id
    from {{ ref('stg_request_samples') }} as requests
    cross join as_of
    where
        requests.operation = 'http.server'
        and requests.event_time > as_of.as_of - interval 1 hour
    group by all

),

hours as (

    select
        hours.*,
        as_of.as_of
    from {{ ref('int_services_hourly') }} as hours
    cross join as_of
    where
        hours.operation = 'http.server'
        and hours.hour > as_of.as_of - interval 720 hours

),

probed as (

    select
        project,
        subject as service,
        {% for name, length in spans.items() -%}
            100 * avg(value) filter (
                metric = 'probe.up' and observed_at > as_of - interval {{ length }} hours
            ) as uptime_{{ name }},
        {% endfor -%}
        arg_max(value, observed_at) filter (metric = 'probe.up') as up,
        max(observed_at) filter (metric = 'probe.up') as last_at,
        max(observed_at) filter (metric = 'probe.up' and value < 1) as failed_at,
        arg_max(value, observed_at) filter (metric = 'probe.certificate_days_left') as certificate_days_left,
        arg_max(batch_id, ingested_at) as batch_id
    from samples
    group by project, subject

),

served as (

    select
        project,
        service,
        {% for name, length in spans.items() if length > 1 -%}
            100 - 100 * sum(errors) filter (hour > as_of - interval {{ length }} hours)
            / sum(calls) filter (hour > as_of - interval {{ length }} hours) as success_{{ name }},
        {% endfor -%}
        median(p99_ms) filter (hour > as_of - interval 24 hours) as p99_ms,
        median(p99_ms) filter (
            hour > as_of - interval 48 hours and hour <= as_of - interval 24 hours
        ) as p99_ms_day_before,
        max(last_at) as last_at,
        arg_max(batch_id, ingested_at) as batch_id
    from hours
    group by project, service

),

services as (

    select
        project,
        service
    from probed
    union
    select
        project,
        service
    from served
    union
    select
        project,
        service
    from requests

)

select
    services.project,
    services.service,
    as_of.as_of,
    probed.up,
    probed.failed_at,
    probed.certificate_days_left,
    requests.requests,
    requests.error_rate,
    served.p99_ms,
    served.p99_ms_day_before,
    probed.last_at > as_of.as_of - interval {{ var('health_quiet_minutes') }} minutes as is_probed,
    probed.up is not null as has_probe,
    coalesce(probed.uptime_1h, 100 - 100 * requests.error_rate) as uptime_percent_1h,
    {% for name, length in spans.items() if length > 1 -%}
        coalesce(probed.uptime_{{ name }}, served.success_{{ name }}) as uptime_percent_{{ name }},
    {% endfor -%}
    greatest(probed.last_at, requests.last_at, served.last_at) as last_seen,
    coalesce(requests.batch_id, probed.batch_id, served.batch_id) as batch_id
from services
cross join as_of
left join probed on services.project = probed.project and services.service = probed.service
left join served on services.project = served.project and services.service = served.service
left join requests on services.project = requests.project and services.service = requests.service
