{{ config(materialized='view') }}

with signals as (

    select
        *,
        coalesce(is_probed or requests > 0, false) as is_heard
    from {{ ref('int_service_signals') }}

),

judged as (

    select
        *,
        [
            if(is_probed and up < 1, 'the probe fails', null),
            if(
                requests >= {{ var('health_least_requests') }}
                and error_rate >= {{ var('health_down_error_rate') }},
                printf('%.1f%% of requests failed in the last hour', 100 * error_rate),
                null
            )
        ] as severe,
        [
            if(
                is_probed and up = 1 and failed_at > as_of - interval 1 hour,
                'the probe failed in the last hour',
                null
            ),
            if(
                requests >= {{ var('health_least_requests') }}
                and error_rate >= {{ var('health_degraded_error_rate') }}
                and error_rate < {{ var('health_down_error_rate') }},
                printf('%.1f%% of requests failed in the last hour', 100 * error_rate),
                null
            ),
            if(
                p99_ms >= {{ var('health_slower_factor') }} * p99_ms_day_before,
                printf('p99 rose from %.0f to %.0f ms within a day', p99_ms_day_before, p99_ms),
                null
            ),
            if(
                certificate_days_left < {{ var('health_certificate_days') }},
                printf('the certificate ends in %.0f days', certificate_days_left),
                null
            )
        ] as light
    from signals

),

told as (

    select
        *,
        list_filter(list_concat(severe, light), lambda reason: reason is not null) as reasons
    from judged

)

select
    project,
    service,
    case
        when not is_heard then 'unknown'
        when len(list_filter(severe, lambda reason: reason is not null)) > 0 then 'down'
        when len(reasons) > 0 then 'degraded'
        else 'ok'
    end as status,
    if(is_heard, reasons, ['nothing was heard lately']) as reasons,
    uptime_percent_1h,
    uptime_percent_24h,
    uptime_percent_7d,
    uptime_percent_30d,
    if(has_probe, 'probe', 'requests') as uptime_basis,
    coalesce(requests, 0) as requests_1h,
    error_rate as error_rate_1h,
    p99_ms,
    p99_ms_day_before,
    certificate_days_left,
    last_seen,
    as_of,
    batch_id
from told
