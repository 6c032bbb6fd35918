-- of the lines that a commit brought, which tests run: whenever a report that names lines was written
{% set keys = ['project', 'commit_sha', 'known_at', 'path'] %}
with coverage as (

    select * from {{ ref('int_coverage') }}
    where executed_lines is not null and new_lines is not null

),

brought as (

    {{ lines_of('coverage', keys, 'new_lines') }}

),

ran as (

    {{ lines_of('coverage', keys, 'executed_lines') }}

),

missed as (

    {{ lines_of('coverage', keys, 'missing_lines') }}

),

executable as (

    select
        *,
        true as is_covered
    from ran
    union all
    select
        *,
        false as is_covered
    from missed

),

counted as (

    select
        brought.project,
        brought.commit_sha,
        brought.known_at,
        brought.path,
        count(executable.line) as lines_executable,
        count(executable.line) filter (executable.is_covered) as lines_covered,
        string_agg(cast(brought.line as varchar), ',' order by brought.line)
        filter (not executable.is_covered) as uncovered_lines
    from brought
    inner join executable
        on
            brought.project = executable.project
            and brought.commit_sha = executable.commit_sha
            and brought.known_at = executable.known_at
            and brought.path = executable.path
            and brought.line = executable.line
    group by all

)

select
    counted.project,
    counted.commit_sha,
    counted.known_at,
    counted.path,
    counted.lines_executable,
    counted.lines_covered,
    counted.uncovered_lines,
    coverage.report,
    coverage.batch_id,
    coverage.ingested_at
from counted
inner join coverage
    on
        counted.project = coverage.project
        and counted.commit_sha = coverage.commit_sha
        and counted.known_at = coverage.known_at
        and counted.path = coverage.path
