select
    project,
    blob_id,
    tool,
    rule,
    title,
    category,
    severity,
    confidence,
    cwe,
    line,
    end_line,
    column_number,
    message,
    snippet_hash,
    source_id,
    batch_id,
    ingested_at
from {{ source('raw', 'code_findings') }}
qualify {{ newest(['project', 'blob_id', 'tool', 'rule', 'line', 'column_number']) }}
