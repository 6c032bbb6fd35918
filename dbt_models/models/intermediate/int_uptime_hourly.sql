with probes as (

    select
        *,
        epoch_us(observed_at) // 3600000000 as hour_number
    from {{ ref('fct_observations_samples') }}
    where metric = 'probe.up'

),

as_of as (

    select * from {{ ref('int_as_of') }}

)

select
    probes.project,
    probes.subject as service,
    to_timestamp(probes.hour_number * 3600) as hour,
    count(*) as probes,
    count(*) filter (probes.value < 1) as failed,
    100 * avg(probes.value) as uptime_percent,
    arg_max(probes.batch_id, probes.ingested_at) as batch_id
from probes
cross join as_of
where probes.hour_number < as_of.open_hour
group by probes.project, probes.subject, probes.hour_number
