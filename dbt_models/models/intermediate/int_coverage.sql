with lines as (

    select * from {{ ref('stg_code_coverage') }}

),

reports as (

    select distinct
        project,
        commit_sha,
        report,
        measured_at
    from lines

),

moments as (

    select distinct
        project,
        commit_sha,
        measured_at
    from reports

),

-- whenever a report is written, it takes the place of what it said before; the others stand
standing as (

    select
        moments.project,
        moments.commit_sha,
        moments.measured_at as known_at,
        reports.report,
        max(reports.measured_at) as measured_at
    from moments
    inner join reports
        on
            moments.project = reports.project
            and moments.commit_sha = reports.commit_sha
            and moments.measured_at >= reports.measured_at
    group by all

)

select
    standing.project,
    standing.commit_sha,
    standing.known_at,
    lines.path,
    lines.report,
    lines.format,
    lines.lines_executable,
    lines.lines_covered,
    lines.branches_total,
    lines.branches_covered,
    lines.executed_lines,
    lines.missing_lines,
    lines.new_lines,
    lines.measured_at,
    lines.batch_id,
    lines.ingested_at
from standing
inner join lines
    on
        standing.project = lines.project
        and standing.commit_sha = lines.commit_sha
        and standing.report = lines.report
        and standing.measured_at = lines.measured_at
-- several reports may cover one file; the one written last counts
qualify
    row_number() over (
        partition by standing.project, standing.commit_sha, standing.known_at, lines.path
        order by lines.measured_at desc, lines.report asc
    ) = 1
