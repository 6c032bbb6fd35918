-- The risk of each file, now and once more as it was `risk_days` before HEAD, when its future is known.
-- Churn and complexity by rank, more where people who are new to the project worked on it.
with main_line as (

    select * from {{ ref('int_main_line') }}

),

heads as (

    select * from main_line
    where place = places

),

moments as (

    select
        project,
        'now' as moment,
        commit_sha,
        committed_at
    from heads
    union all
    select
        main_line.project,
        'then' as moment,
        main_line.commit_sha,
        main_line.committed_at
    from main_line
    inner join heads on main_line.project = heads.project
    where epoch(heads.committed_at) - epoch(main_line.committed_at) >= {{ var('risk_days') }} * 86400
    qualify row_number() over (partition by main_line.project order by main_line.place desc) = 1

),

commits as (

    select
        *,
        min(committed_at) over (partition by project, author_key) as author_since
    from {{ ref('stg_code_commits') }}
    -- a merge repeats the changes of its branch
    where not is_merge

),

files as (

    select
        moments.project,
        moments.moment,
        moments.commit_sha,
        moments.committed_at,
        files.path,
        metrics.cyclomatic_complexity,
        files.batch_id
    from moments
    inner join {{ ref('stg_code_files') }} as files
        on moments.project = files.project and moments.commit_sha = files.commit_sha
    inner join {{ ref('stg_code_file_metrics') }} as metrics
        on files.project = metrics.project and files.blob_id = metrics.blob_id
    where metrics.cyclomatic_complexity is not null and not {{ is_foreign('files.path') }}

),

churn as (

    select
        moments.project,
        moments.moment,
        changes.path,
        count(*) as commits,
        avg(if(
            epoch(moments.committed_at) - epoch(commits.author_since) < {{ var('risk_days') }} * 86400, 1, 0
        )) as new_author_share
    from moments
    inner join commits
        on
            moments.project = commits.project
            and epoch(moments.committed_at) - epoch(commits.committed_at)
            between 0 and {{ var('risk_days') }} * 86400
    inner join {{ ref('stg_code_changes') }} as changes
        on commits.project = changes.project and commits.commit_sha = changes.commit_sha
    group by all

),

-- fixes that came after the earlier moment
fixes as (

    select
        moments.project,
        changes.path,
        count(*) as fixes
    from moments
    inner join commits
        on moments.project = commits.project and moments.committed_at < commits.committed_at
    inner join {{ ref('stg_code_changes') }} as changes
        on commits.project = changes.project and commits.commit_sha = changes.commit_sha
    where
        moments.moment = 'then'
        and regexp_matches(commits.subject, '(?i)\b(fix(e[sd]|ing)?|bug|hotfix|regression|crash(e[sd])?)\b')
    group by all

),

ranked as (

    select
        files.*,
        coalesce(churn.commits, 0) as commits,
        coalesce(churn.new_author_share, 0) as new_author_share,
        percent_rank() over (
            partition by files.project, files.moment order by coalesce(churn.commits, 0) asc
        ) as churn_rank,
        percent_rank() over (
            partition by files.project, files.moment order by files.cyclomatic_complexity asc
        ) as complexity_rank
    from files
    left join churn
        on files.project = churn.project and files.moment = churn.moment and files.path = churn.path

)

select
    ranked.*,
    ranked.churn_rank * ranked.complexity_rank * (1 + ranked.new_author_share) as risk,
    if(ranked.moment = 'then', coalesce(fixes.fixes, 0), null) as later_fixes
from ranked
left join fixes on ranked.project = fixes.project and ranked.path = fixes.path
