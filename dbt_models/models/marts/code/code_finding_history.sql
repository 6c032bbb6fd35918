-- A finding is the same as long as rule, function and line are the same, wherever the function moves to.
-- It is born with the first commit of the main line that holds it and dies with the first that does not.
with findings as (

    select
        *,
        coalesce(snippet_hash, message) as snippet
    from {{ ref('int_findings') }}

),

functions as (

    select * from {{ ref('stg_code_functions') }}

),

lines as (

    select distinct
        project,
        blob_id,
        line
    from findings

),

-- the innermost function around each line; found for lines and not for findings, whose texts would not fit
around as (

    select
        lines.project,
        lines.blob_id,
        lines.line,
        arg_max(functions.qualified_name, functions.start_line) as function
    from lines
    inner join functions
        on
            lines.project = functions.project
            and lines.blob_id = functions.blob_id
            and lines.line between functions.start_line and functions.end_line
    group by all

),

placed as (

    select
        findings.*,
        around.function
    from findings
    left join around
        on
            findings.project = around.project
            and findings.blob_id = around.blob_id
            and findings.line = around.line

),

lives as (

    select
        placed.project,
        placed.tool,
        placed.rule,
        coalesce(placed.function, '') as function,
        placed.snippet,
        any_value(placed.title) as title,
        any_value(placed.category) as category,
        any_value(placed.severity) as severity,
        any_value(placed.confidence) as confidence,
        any_value(placed.cwe) as cwe,
        arg_max(placed.message, spans.last_place) as message,
        arg_max(placed.blob_id, spans.last_place) as blob_id,
        arg_max(placed.line, spans.last_place) as line,
        arg_max(placed.batch_id, spans.last_place) as batch_id,
        min(spans.first_place) as first_place,
        max(spans.last_place) as last_place
    from placed
    inner join {{ ref('int_blob_spans') }} as spans
        on placed.project = spans.project and placed.blob_id = spans.blob_id
    group by all

),

main_line as (

    select * from {{ ref('int_main_line') }}

),

heads as (

    select * from main_line
    where place = places

),

newest_path as (

    select
        files.project,
        files.blob_id,
        main_line.place,
        min(files.path) as path
    from {{ ref('stg_code_files') }} as files
    inner join main_line on files.project = main_line.project and files.commit_sha = main_line.commit_sha
    inner join lives
        on
            files.project = lives.project
            and files.blob_id = lives.blob_id
            and main_line.place = lives.last_place
    group by all

)

select
    lives.project,
    lives.tool,
    lives.rule,
    lives.title,
    lives.category,
    lives.severity,
    lives.confidence,
    lives.cwe,
    newest_path.path,
    lives.line,
    lives.function,
    lives.message,
    lives.snippet as identity,
    born.commit_sha as born_commit,
    born.committed_at as born_at,
    born.author as born_author,
    -- what the oldest commit that was read holds is older than it
    lives.first_place = 1 as born_before,
    died.commit_sha as died_commit,
    died.committed_at as died_at,
    died.author as died_author,
    lives.last_place = heads.place as is_open,
    date_diff(
        'day', born.committed_at, coalesce(died.committed_at, heads.committed_at)
    ) as age_days,
    lives.batch_id
from lives
inner join heads on lives.project = heads.project
inner join main_line as born on lives.project = born.project and lives.first_place = born.place
left join main_line as died on lives.project = died.project and lives.last_place + 1 = died.place
left join newest_path
    on
        lives.project = newest_path.project
        and lives.blob_id = newest_path.blob_id
        and lives.last_place = newest_path.place
order by lives.project asc, is_open desc, born_at asc
