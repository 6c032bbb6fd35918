{{ config(materialized='view') }}

with observation_batches as (

    select * from {{ ref('int_observation_batches') }}

),

metrics as (

    select * from {{ ref('dim_metric') }}

),

batches as (

    select * from {{ ref('stg_batches') }}

),

contributions as (

    select
        metric,
        project,
        subject,
        batch_id,
        count(*) as observations,
        min(observed_at) as first_observed_at,
        max(observed_at) as last_observed_at
    from observation_batches
    group by all

)

select
    contributions.metric,
    contributions.project,
    contributions.subject,
    metrics.source_model as model,
    metrics.source_column as model_column,
    metrics.raw_table,
    contributions.batch_id,
    batches.source_id,
    batches.collector,
    batches.collector_version,
    batches.read_from,
    batches.run_id,
    batches.ingested_at,
    batches.snapshot_id,
    contributions.observations,
    contributions.first_observed_at,
    contributions.last_observed_at
from contributions
inner join metrics on contributions.metric = metrics.metric
inner join batches on contributions.batch_id = batches.batch_id
