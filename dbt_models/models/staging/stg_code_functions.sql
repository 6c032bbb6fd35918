-- a content that was analysed again has the functions of that analysis alone
select
    functions.project,
    functions.blob_id,
    functions.kind,
    functions.qualified_name,
    functions.start_line,
    functions.end_line,
    functions.end_line - functions.start_line + 1 as lines,
    functions.cyclomatic_complexity,
    functions.rank,
    functions.cognitive_complexity,
    functions.decisions,
    functions.max_nesting,
    functions.parameters,
    functions.source_id,
    functions.batch_id,
    functions.ingested_at
from {{ source('raw', 'code_functions') }} as functions
inner join {{ ref('stg_code_file_metrics') }} as files
    on
        functions.project = files.project
        and functions.blob_id = files.blob_id
        and functions.batch_id = files.batch_id
