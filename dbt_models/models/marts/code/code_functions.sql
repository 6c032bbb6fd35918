with files as (

    select * from {{ ref('code_file_metrics') }}

),

functions as (

    select * from {{ ref('stg_code_functions') }}

)

select
    files.project,
    files.commit_sha,
    files.path,
    functions.kind,
    functions.qualified_name,
    functions.start_line,
    functions.end_line,
    functions.lines,
    functions.cyclomatic_complexity,
    functions.rank,
    functions.cognitive_complexity,
    functions.decisions,
    functions.max_nesting,
    functions.parameters,
    functions.batch_id
from files
inner join functions on files.project = functions.project and files.blob_id = functions.blob_id
order by files.project asc, files.path asc, functions.start_line asc
