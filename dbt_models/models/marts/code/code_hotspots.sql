with files as (

    select * from {{ ref('code_file_metrics') }}
    -- nobody works on copied or generated code: its churn says nothing
    where is_python and analysed and not {{ is_foreign('path') }}

),

commits as (

    select * from {{ ref('stg_code_commits') }}
    -- a merge repeats the changes of its branch
    where not is_merge

),

changes as (

    select * from {{ ref('stg_code_changes') }}

),

churn as (

    select
        files.project,
        files.path,
        count(*) as commits,
        count(distinct commits.author_key) as authors,
        cast(sum(changes.lines_added + changes.lines_removed) as bigint) as lines_changed,
        max(commits.committed_at) as last_changed_at
    from files
    inner join changes on files.project = changes.project and files.path = changes.path
    inner join commits on changes.project = commits.project and changes.commit_sha = commits.commit_sha
    where
        epoch(files.committed_at) - epoch(commits.committed_at)
        between 0 and {{ var('hotspot_days') }} * 86400
    group by all

),

measured as (

    select
        files.project,
        files.commit_sha,
        files.path,
        coalesce(churn.commits, 0) as commits,
        coalesce(churn.authors, 0) as authors,
        coalesce(churn.lines_changed, 0) as lines_changed,
        churn.last_changed_at,
        files.cyclomatic_complexity,
        files.source_lines,
        files.maintainability_index,
        files.batch_id
    from files
    left join churn on files.project = churn.project and files.path = churn.path

),

ranked as (

    select
        *,
        percent_rank() over (partition by project order by commits asc) as commits_rank,
        percent_rank() over (partition by project order by cyclomatic_complexity asc) as complexity_rank
    from measured

)

select
    project,
    commit_sha,
    path,
    commits,
    authors,
    lines_changed,
    last_changed_at,
    cyclomatic_complexity,
    source_lines,
    maintainability_index,
    commits_rank,
    complexity_rank,
    commits_rank * complexity_rank as hotspot_score,
    commits * cyclomatic_complexity as commits_times_complexity,
    rank() over (
        partition by project
        order by commits_rank * complexity_rank desc, commits * cyclomatic_complexity desc
    ) as place,
    batch_id
from ranked
order by project asc, place asc, path asc
