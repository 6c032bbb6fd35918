with commits as (

    select * from {{ ref('stg_code_commits') }}

),

files as (

    select * from {{ ref('stg_code_files') }}

),

blobs as (

    select * from {{ ref('int_blobs') }}

),

coverage as (

    select
        project,
        commit_sha,
        100.0 * sum(lines_covered) / nullif(sum(lines_executable), 0) as coverage_percent,
        max({'moment': ingested_at, 'id': batch_id}) as batch
    from {{ ref('stg_code_coverage') }}
    group by all

),

trees as (

    select
        files.project,
        files.commit_sha,
        count(*) as files,
        count(*) filter (files.is_python) as python_files,
        count(*) filter (files.is_python and blobs.analysed) as analysed_files,
        sum(blobs.lines_of_code) filter (files.is_python) as lines_of_code,
        sum(blobs.source_lines) filter (files.is_python) as source_lines,
        sum(blobs.logical_lines) filter (files.is_python) as logical_lines,
        sum(blobs.comment_lines) filter (files.is_python) as comment_lines,
        sum(blobs.cyclomatic_complexity) filter (files.is_python) as cyclomatic_complexity,
        sum(blobs.maintainability_index * blobs.source_lines) filter (files.is_python) as weighted_index,
        avg(blobs.maintainability_index) filter (files.is_python) as maintainability_index_mean,
        sum(blobs.halstead_volume) filter (files.is_python) as halstead_volume,
        sum(blobs.findings_high) as findings_high,
        sum(blobs.findings_medium) as findings_medium,
        sum(blobs.findings_low) as findings_low,
        sum(blobs.debt_minutes) as debt_minutes,
        max({'moment': files.ingested_at, 'id': files.batch_id}) as file_batch,
        max({'moment': blobs.ingested_at, 'id': blobs.batch_id}) filter (blobs.batch_id is not null) as blob_batch
    from files
    left join blobs on files.project = blobs.project and files.blob_id = blobs.blob_id
    group by all

),

totals as (

    select
        commits.project,
        commits.commit_sha,
        commits.committed_at,
        commits.author,
        coalesce(trees.files, 0) as files,
        coalesce(trees.lines_of_code, 0)::bigint as lines_of_code,
        coalesce(trees.source_lines, 0)::bigint as source_lines,
        coalesce(trees.logical_lines, 0)::bigint as logical_lines,
        coalesce(trees.comment_lines, 0)::bigint as comment_lines,
        coalesce(trees.cyclomatic_complexity, 0)::bigint as cyclomatic_complexity,
        trees.weighted_index / nullif(trees.source_lines, 0) as maintainability_index,
        trees.maintainability_index_mean,
        coalesce(trees.halstead_volume, 0) as halstead_volume,
        coalesce(trees.findings_high, 0)::bigint as findings_high,
        coalesce(trees.findings_medium, 0)::bigint as findings_medium,
        coalesce(trees.findings_low, 0)::bigint as findings_low,
        coverage.coverage_percent,
        cast(null as double) as duplication_percent,
        coalesce(trees.debt_minutes, 0)::bigint as debt_minutes,
        100.0 * trees.analysed_files / nullif(trees.python_files, 0) as analysed_percent,
        commits.on_main,
        commits.position,
        list_max([
            {'moment': commits.ingested_at, 'id': commits.batch_id},
            trees.file_batch, trees.blob_batch, coverage.batch
        ]).id as batch_id
    from commits
    left join trees on commits.project = trees.project and commits.commit_sha = trees.commit_sha
    left join coverage on commits.project = coverage.project and commits.commit_sha = coverage.commit_sha

)

select
    *,
    100.0 * cyclomatic_complexity / nullif(source_lines, 0) as complexity_per_100_lines,
    {{ debt_ratio('debt_minutes', 'source_lines') }} as debt_ratio,
    {{ debt_rating(debt_ratio('debt_minutes', 'source_lines')) }} as debt_rating
from totals
order by project asc, position asc
