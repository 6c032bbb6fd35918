{{ config(materialized='table') }}

with file_metrics as (

    select * from {{ ref('stg_code_file_metrics') }}

),

findings as (

    select
        project,
        blob_id,
        count(*) filter (severity in ('critical', 'high')) as findings_high,
        count(*) filter (severity = 'medium') as findings_medium,
        count(*) filter (severity = 'low') as findings_low,
        max(ingested_at) as ingested_at,
        arg_max(batch_id, ingested_at) as batch_id
    from {{ ref('int_findings') }}
    group by all

),

debt as (

    select
        project,
        blob_id,
        cast(sum(minutes) as bigint) as debt_minutes
    from {{ ref('int_debt') }}
    group by all

)

-- a text that is no code has no numbers, but it may hold a secret
select
    coalesce(file_metrics.project, findings.project) as project,
    coalesce(file_metrics.blob_id, findings.blob_id) as blob_id,
    file_metrics.* exclude (project, blob_id, language, source_id, batch_id, ingested_at),
    coalesce(findings.findings_high, 0) as findings_high,
    coalesce(findings.findings_medium, 0) as findings_medium,
    coalesce(findings.findings_low, 0) as findings_low,
    coalesce(debt.debt_minutes, 0) as debt_minutes,
    if(
        file_metrics.ingested_at is null or findings.ingested_at > file_metrics.ingested_at,
        findings.batch_id,
        file_metrics.batch_id
    ) as batch_id,
    greatest(file_metrics.ingested_at, findings.ingested_at) as ingested_at
from file_metrics
full outer join findings
    on file_metrics.project = findings.project and file_metrics.blob_id = findings.blob_id
left join debt
    on file_metrics.project = debt.project and file_metrics.blob_id = debt.blob_id
