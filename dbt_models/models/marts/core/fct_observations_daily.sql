{{ config(materialized='view') }}

select
    metric,
    project,
    subject,
    labels,
    day,
    samples,
    minimum,
    maximum,
    mean,
    last
from {{ ref('int_samples_daily') }}

union all

select
    metric,
    project,
    subject,
    labels,
    {{ utc_day('observed_at') }} as day,
    {{ daily_figures() }}
from {{ ref('fct_observations_derived') }}
group by all
