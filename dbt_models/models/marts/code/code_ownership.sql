-- Who knows a file: the lines that each author added to it, a line half a year old counting half.
-- Fragmentation is 1 - sum of squared shares (D'Ambros et al. 2010); merges repeat their branches and
-- do not count.
with heads as (

    select * from {{ ref('int_heads') }}

),

knowledge as (

    select
        files.project,
        files.commit_sha,
        files.path,
        files.batch_id,
        commits.author_key,
        arg_max(commits.author, commits.committed_at) as author,
        max(commits.committed_at) as last_at,
        sum(
            changes.lines_added
            * pow(0.5, greatest(epoch(heads.committed_at) - epoch(commits.committed_at), 0) / (180 * 86400.0))
        ) as lines
    from {{ ref('code_file_metrics') }} as files
    inner join heads on files.project = heads.project
    inner join {{ ref('stg_code_changes') }} as changes
        on files.project = changes.project and files.path = changes.path
    inner join {{ ref('stg_code_commits') }} as commits
        on changes.project = commits.project and changes.commit_sha = commits.commit_sha
    where not commits.is_merge and not {{ is_foreign('files.path') }}
    group by all
    having lines > 0

),

shares as (

    select
        *,
        lines / sum(lines) over (partition by project, path) as share
    from knowledge

)

select
    project,
    commit_sha,
    path,
    count(*) as authors,
    arg_max(author, share) as main_author,
    100.0 * max(share) as main_share,
    1 - sum(share * share) as fragmentation,
    max(last_at) as last_changed_at,
    any_value(batch_id) as batch_id
from shares
group by all
order by project asc, path asc
