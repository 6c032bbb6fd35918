select
    project,
    commit_sha,
    tool,
    tool_version,
    rule,
    title,
    category,
    severity,
    cwe,
    path,
    line,
    end_line,
    column_number,
    message,
    source_id,
    batch_id,
    ingested_at
from {{ source('raw', 'reported_findings') }}
-- the newest reading of a file is what it says; a file that says nothing any more has a batch without rows
where
    batch_id in (
        select batches.batch_id
        from {{ ref('stg_batches') }} as batches
        where batches.collector = 'sarif'
        qualify row_number() over (partition by batches.source_id order by batches.ingested_at desc) = 1
    )
