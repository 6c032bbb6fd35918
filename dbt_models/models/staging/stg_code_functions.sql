select
    project,
    blob_id,
    kind,
    qualified_name,
    start_line,
    end_line,
    end_line - start_line + 1 as lines,
    cyclomatic_complexity,
    rank,
    source_id,
    batch_id,
    ingested_at
from {{ source('raw', 'code_functions') }}
qualify {{ newest(['project', 'blob_id', 'qualified_name', 'start_line']) }}
