with files as (

    select * from {{ ref('code_file_metrics') }}

),

findings as (

    select * from {{ ref('int_findings') }}

),

heads as (

    select * from {{ ref('int_heads') }}

),

-- what other scanners report of the commit that they name, or else of HEAD; two reports may say the same
reported as (

    select
        reported.project,
        coalesce(reported.commit_sha, heads.commit_sha, 'unknown') as commit_sha,
        reported.tool,
        reported.rule,
        reported.title,
        reported.category,
        reported.severity,
        'medium' as confidence,
        reported.cwe,
        reported.path,
        reported.line,
        reported.end_line,
        reported.column_number,
        reported.message,
        cast(null as varchar) as snippet_hash,
        reported.batch_id
    from {{ ref('stg_reported_findings') }} as reported
    left join heads on reported.project = heads.project
    qualify
        row_number() over (
            partition by
                reported.project,
                reported.path,
                reported.tool,
                reported.rule,
                reported.line,
                reported.column_number
            order by reported.ingested_at desc, reported.batch_id asc
        ) = 1

)

select
    files.project,
    files.commit_sha,
    findings.tool,
    findings.rule,
    findings.title,
    findings.category,
    findings.severity,
    findings.confidence,
    findings.cwe,
    files.path,
    findings.line,
    findings.end_line,
    findings.column_number,
    findings.message,
    findings.snippet_hash,
    findings.batch_id
from files
inner join findings on files.project = findings.project and files.blob_id = findings.blob_id
union all
select * from reported
order by project asc, path asc, line asc
