with files as (

    select * from {{ ref('code_file_metrics') }}

),

findings as (

    select * from {{ ref('int_findings') }}

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
order by files.project asc, files.path asc, findings.line asc
