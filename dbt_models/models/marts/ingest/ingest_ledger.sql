{{ config(materialized='view') }}

with counts as (

    select * from {{ ref('stg_ingest_counts') }}

),

reasons as (

    select
        project,
        hour,
        door,
        category,
        outcome,
        reason,
        cast(sum(quantity) as bigint) as quantity,
        arg_max(batch_id, ingested_at) as batch_id,
        max(ingested_at) as ingested_at
    from counts
    group by all

),

sums as (

    select
        project,
        hour,
        door,
        category,
        coalesce(sum(quantity) filter (outcome = 'received'), 0) as received,
        coalesce(sum(quantity) filter (outcome = 'stored'), 0) as stored,
        coalesce(sum(quantity) filter (outcome = 'duplicate'), 0) as duplicate,
        coalesce(sum(quantity) filter (outcome = 'rejected'), 0) as rejected,
        coalesce(sum(quantity) filter (outcome = 'lost'), 0) as lost_in_client,
        map_from_entries(
            list(row(reason, quantity) order by reason) filter (outcome = 'rejected')
        ) as rejected_by_reason,
        map_from_entries(
            list(row(reason, quantity) order by reason) filter (outcome = 'lost')
        ) as lost_by_reason,
        arg_max(batch_id, ingested_at) as batch_id,
        max(ingested_at) as as_of
    from reasons
    group by all

)

select
    project,
    hour,
    door,
    category,
    cast(received + lost_in_client as bigint) as sent,
    cast(stored as bigint) as stored,
    cast(duplicate as bigint) as duplicate,
    cast(rejected as bigint) as rejected,
    cast(lost_in_client as bigint) as lost_in_client,
    cast(received - stored - duplicate - rejected as bigint) as balance,
    coalesce(cast(to_json(rejected_by_reason) as varchar), '{}') as rejected_by_reason,
    coalesce(cast(to_json(lost_by_reason) as varchar), '{}') as lost_by_reason,
    as_of,
    batch_id
from sums
