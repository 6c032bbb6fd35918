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
        max(measured_at) as coverage_measured_at,
        arg_max(batch_id, ingested_at) as batch_id,
        max(ingested_at) as ingested_at
    from {{ ref('code_coverage') }}
    group by all

),

patches as (

    select
        project,
        commit_sha,
        100.0 * sum(lines_covered) / nullif(sum(lines_executable), 0) as patch_coverage_percent
    from {{ ref('patch_coverage') }}
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
        sum(blobs.source_lines) as debt_lines,
        sum(blobs.lines_of_code) as code_lines,
        sum(blobs.cognitive_complexity) filter (files.is_python) as cognitive_complexity,
        sum(blobs.suppressions) as suppressions,
        sum(blobs.maintainability_index * blobs.source_lines) filter (files.is_python) as weighted_index,
        avg(blobs.maintainability_index) filter (files.is_python) as maintainability_index_mean,
        sum(blobs.halstead_volume) filter (files.is_python) as halstead_volume,
        sum(blobs.findings_high) as findings_high,
        sum(blobs.findings_medium) as findings_medium,
        sum(blobs.findings_low) as findings_low,
        sum(blobs.debt_minutes) as debt_minutes,
        arg_max(files.batch_id, files.ingested_at) as file_batch_id,
        max(files.ingested_at) as file_ingested_at,
        arg_max(blobs.batch_id, blobs.ingested_at) as blob_batch_id,
        max(blobs.ingested_at) as blob_ingested_at
    from files
    left join blobs on files.project = blobs.project and files.blob_id = blobs.blob_id
    group by all

),

duplicates as (

    select
        project,
        commit_sha,
        sum(duplicated_lines) as duplicated_lines,
        sum(similar_lines) as similar_lines
    from {{ ref('int_duplicated_lines') }}
    group by all

),

groups as (

    select
        project,
        commit_sha,
        count(distinct clone_group) as clone_groups
    from {{ ref('stg_code_duplicates') }}
    where kind = 'exact'
    group by all

),

named as (

    select distinct
        project,
        blob_id,
        ecosystem || ' ' || name as package
    from {{ ref('stg_code_dependencies') }}

),

packages as (

    select
        files.project,
        files.commit_sha,
        count(distinct named.package) as packages
    from files
    inner join named on files.project = named.project and files.blob_id = named.blob_id
    group by all

),

compared as (

    -- a tree without copies has no rows: that it was compared, its batch tells
    select
        project,
        head as commit_sha
    from {{ ref('stg_batches') }}
    where collector = 'repository' and collector_version <> '1' and head is not null
    group by all

),

totals as (

    select
        commits.project,
        commits.commit_sha,
        commits.committed_at,
        commits.author,
        coalesce(trees.files, 0) as files,
        cast(coalesce(trees.lines_of_code, 0) as bigint) as lines_of_code,
        cast(coalesce(trees.source_lines, 0) as bigint) as source_lines,
        cast(coalesce(trees.logical_lines, 0) as bigint) as logical_lines,
        cast(coalesce(trees.comment_lines, 0) as bigint) as comment_lines,
        cast(coalesce(trees.cyclomatic_complexity, 0) as bigint) as cyclomatic_complexity,
        cast(coalesce(trees.cognitive_complexity, 0) as bigint) as cognitive_complexity,
        cast(coalesce(trees.suppressions, 0) as bigint) as suppressions,
        trees.weighted_index / nullif(trees.source_lines, 0) as maintainability_index,
        trees.maintainability_index_mean,
        coalesce(trees.halstead_volume, 0) as halstead_volume,
        cast(coalesce(trees.findings_high, 0) as bigint) as findings_high,
        cast(coalesce(trees.findings_medium, 0) as bigint) as findings_medium,
        cast(coalesce(trees.findings_low, 0) as bigint) as findings_low,
        coverage.coverage_percent,
        coverage.coverage_measured_at,
        patches.patch_coverage_percent,
        trees.debt_lines,
        if(
            compared.commit_sha is null,
            null,
            100.0 * coalesce(duplicates.duplicated_lines, 0) / nullif(trees.code_lines, 0)
        ) as duplication_percent,
        if(
            compared.commit_sha is null,
            null,
            100.0 * coalesce(duplicates.similar_lines, 0) / nullif(trees.code_lines, 0)
        ) as similar_percent,
        if(compared.commit_sha is null, null, coalesce(groups.clone_groups, 0)) as clone_groups,
        coalesce(packages.packages, 0) as packages,
        cast(coalesce(trees.debt_minutes, 0) as bigint) as debt_minutes,
        100.0 * trees.analysed_files / nullif(trees.python_files, 0) as analysed_percent,
        commits.on_main,
        commits.position,
        case greatest(commits.ingested_at, file_ingested_at, blob_ingested_at, coverage.ingested_at)
            when coverage.ingested_at then coverage.batch_id
            when trees.blob_ingested_at then trees.blob_batch_id
            when trees.file_ingested_at then trees.file_batch_id
            else commits.batch_id
        end as batch_id
    from commits
    left join trees on commits.project = trees.project and commits.commit_sha = trees.commit_sha
    left join coverage on commits.project = coverage.project and commits.commit_sha = coverage.commit_sha
    left join patches on commits.project = patches.project and commits.commit_sha = patches.commit_sha
    left join duplicates
        on commits.project = duplicates.project and commits.commit_sha = duplicates.commit_sha
    left join groups on commits.project = groups.project and commits.commit_sha = groups.commit_sha
    left join packages on commits.project = packages.project and commits.commit_sha = packages.commit_sha
    left join compared on commits.project = compared.project and commits.commit_sha = compared.commit_sha

)

select
    project,
    commit_sha,
    committed_at,
    author,
    files,
    lines_of_code,
    source_lines,
    logical_lines,
    comment_lines,
    cyclomatic_complexity,
    cognitive_complexity,
    suppressions,
    maintainability_index,
    maintainability_index_mean,
    halstead_volume,
    findings_high,
    findings_medium,
    findings_low,
    coverage_percent,
    coverage_measured_at,
    patch_coverage_percent,
    duplication_percent,
    similar_percent,
    clone_groups,
    packages,
    debt_minutes,
    {{ debt_ratio('debt_minutes', 'debt_lines') }} as debt_ratio,
    {{ debt_rating(debt_ratio('debt_minutes', 'debt_lines')) }} as debt_rating,
    analysed_percent,
    100.0 * cyclomatic_complexity / nullif(source_lines, 0) as complexity_per_100_lines,
    on_main,
    position,
    batch_id
from totals
order by project asc, position asc
