-- How old HEAD's files are and how long each has been let alone (Tornhill, Your Code as a Crime Scene: code
-- that nobody touched for long is stable, or forgotten). Merges repeat their branches and do not count.
with heads as (

    select * from {{ ref('int_heads') }}

),

changes as (

    select
        changes.project,
        changes.path,
        commits.commit_sha,
        commits.committed_at,
        commits.author,
        commits.author_key,
        commits.position
    from {{ ref('stg_code_changes') }} as changes
    inner join {{ ref('stg_code_commits') }} as commits
        on changes.project = commits.project and changes.commit_sha = commits.commit_sha
    where not commits.is_merge

),

lives as (

    select
        files.project,
        files.commit_sha,
        files.path,
        any_value(files.source_lines) as source_lines,
        min(changes.committed_at) as first_at,
        max(changes.committed_at) as last_at,
        arg_max(changes.commit_sha, (changes.committed_at, changes.position)) as last_commit,
        arg_max(changes.author, (changes.committed_at, changes.position)) as last_author,
        count(distinct changes.commit_sha) as commits,
        count(distinct changes.author_key) as authors,
        any_value(files.batch_id) as batch_id
    from {{ ref('code_file_metrics') }} as files
    inner join changes on files.project = changes.project and files.path = changes.path
    where not {{ is_foreign('files.path') }}
    group by files.project, files.commit_sha, files.path

)

select
    lives.project,
    lives.commit_sha,
    lives.path,
    lives.source_lines,
    lives.first_at,
    lives.last_at,
    lives.last_commit,
    lives.last_author,
    lives.commits,
    lives.authors,
    greatest(date_diff('day', lives.first_at, heads.committed_at), 0) as age_days,
    greatest(date_diff('day', lives.last_at, heads.committed_at), 0) as unchanged_days,
    lives.batch_id
from lives
inner join heads on lives.project = heads.project
order by lives.project asc, unchanged_days desc, lives.path asc
