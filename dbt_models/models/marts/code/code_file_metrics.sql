with heads as (

    select * from {{ ref('int_heads') }}

),

files as (

    select * from {{ ref('stg_code_files') }}

),

blobs as (

    select * from {{ ref('int_blobs') }}

),

coverage as (

    select * from {{ ref('code_coverage') }}

)

select
    files.project,
    files.commit_sha,
    heads.committed_at,
    files.path,
    files.language,
    files.is_python,
    files.blob_id,
    coalesce(blobs.analysed, false) as analysed,
    blobs.reason,
    blobs.parser,
    blobs.bytes,
    blobs.unparsed_bytes,
    blobs.lines_of_code,
    blobs.source_lines,
    blobs.logical_lines,
    blobs.comment_lines,
    blobs.multi_lines,
    blobs.blank_lines,
    blobs.cyclomatic_complexity,
    blobs.max_complexity,
    blobs.functions,
    blobs.classes,
    blobs.halstead_volume,
    blobs.halstead_effort,
    blobs.maintainability_index,
    -- radon's grid
    case
        when blobs.maintainability_index > 19 then 'A'
        when blobs.maintainability_index > 9 then 'B'
        when blobs.maintainability_index is not null then 'C'
    end as maintainability_rank,
    blobs.cognitive_complexity,
    blobs.decisions,
    blobs.max_nesting,
    blobs.suppressions,
    coalesce(blobs.findings_high, 0) as findings_high,
    coalesce(blobs.findings_medium, 0) as findings_medium,
    coalesce(blobs.findings_low, 0) as findings_low,
    coalesce(blobs.debt_minutes, 0) as debt_minutes,
    coverage.line_percent as coverage_percent,
    coalesce(blobs.batch_id, files.batch_id) as batch_id
from files
inner join heads on files.project = heads.project and files.commit_sha = heads.commit_sha
left join blobs on files.project = blobs.project and files.blob_id = blobs.blob_id
left join coverage
    on
        files.project = coverage.project
        and files.commit_sha = coverage.commit_sha
        and files.path = coverage.path
order by files.project asc, files.path asc
