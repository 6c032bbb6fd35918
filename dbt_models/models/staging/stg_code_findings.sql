-- what a tool found is what it found when it last looked; our own findings say that somebody could not
with looks as (

    select * from {{ ref('stg_code_analyses') }}

)

select
    findings.project,
    findings.blob_id,
    findings.tool,
    findings.rule,
    findings.title,
    findings.category,
    findings.severity,
    findings.confidence,
    findings.cwe,
    findings.line,
    findings.end_line,
    findings.column_number,
    findings.message,
    findings.snippet_hash,
    findings.source_id,
    findings.batch_id,
    findings.ingested_at
from {{ source('raw', 'code_findings') }} as findings
where
    exists (
        select 1 from looks
        where
            looks.project = findings.project
            and looks.blob_id = findings.blob_id
            and looks.batch_id = findings.batch_id
            and findings.tool in (looks.tool, 'quality_platform')
    )
qualify {{ newest(['project', 'blob_id', 'tool', 'rule', 'line', 'column_number']) }}
