-- which of a function's lines tests ran, by the newest reports on HEAD that say which
with heads as (

    select * from {{ ref('int_heads') }}

),

coverage as (

    select coverage.*
    from {{ ref('int_coverage') }} as coverage
    inner join heads on coverage.project = heads.project and coverage.commit_sha = heads.commit_sha
    where coverage.executed_lines is not null
    qualify
        row_number() over (
            partition by coverage.project, coverage.path order by coverage.known_at desc
        ) = 1

),

ran as (

    {{ lines_of('coverage', ['project', 'path'], 'executed_lines') }}

),

missed as (

    {{ lines_of('coverage', ['project', 'path'], 'missing_lines') }}

),

lines as (

    select
        *,
        true as ran
    from ran
    union all
    select
        *,
        false as ran
    from missed

),

functions as (

    select
        files.project,
        files.commit_sha,
        files.path,
        functions.qualified_name as function,
        functions.start_line,
        functions.end_line,
        functions.cyclomatic_complexity
    from {{ ref('code_file_metrics') }} as files
    inner join {{ ref('stg_code_functions') }} as functions
        on files.project = functions.project and files.blob_id = functions.blob_id
    where functions.kind <> 'class'

),

counted as (

    select
        functions.project,
        functions.commit_sha,
        functions.path,
        functions.function,
        functions.start_line,
        functions.end_line,
        functions.cyclomatic_complexity,
        count(*) as lines_executable,
        count(*) filter (lines.ran) as lines_covered,
        any_value(coverage.batch_id) as batch_id
    from functions
    inner join lines
        on
            functions.project = lines.project
            and functions.path = lines.path
            and lines.line between functions.start_line and functions.end_line
    inner join coverage on functions.project = coverage.project and functions.path = coverage.path
    group by all

)

select
    project,
    commit_sha,
    path,
    function,
    start_line,
    end_line,
    cyclomatic_complexity,
    lines_executable,
    lines_covered,
    100.0 * lines_covered / lines_executable as coverage_percent,
    -- how much there is to go wrong where nothing looks (Savoia and Evans, 2007)
    pow(cyclomatic_complexity, 2) * pow(1 - lines_covered / lines_executable, 3)
    + cyclomatic_complexity as crap,
    batch_id
from counted
order by project asc, crap desc
