{{ config(materialized='view') }}

select
    metric,
    project,
    subject,
    labels,
    observed_at,
    value,
    batch_id
from {{ ref('fct_observations_samples') }}

union all

select
    metric,
    project,
    subject,
    labels,
    observed_at,
    value,
    batch_id
from {{ ref('fct_observations_derived') }}
