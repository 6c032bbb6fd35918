{{
    config(
        materialized='incremental',
        sorted_by=['metric', 'project', 'subject', 'observed_at'],
    )
}}

{%- set incremental = is_incremental() %}

with samples as (

    select * from {{ ref('stg_metric_samples') }}
    {% if incremental -%}
        where ingested_at >= {{ newest_taken(this) }}
    {%- endif %}

),

fresh as (

    select * from samples
    {% if incremental -%}
        anti join (select batch_id from {{ this }} where ingested_at >= {{ newest_taken(this) }}) as taken
            on samples.batch_id = taken.batch_id
    {%- endif %}

)

select
    metric,
    project,
    subject,
    labels,
    observed_at,
    value,
    batch_id,
    ingested_at
from fresh
order by metric asc, project asc, subject asc, observed_at asc
