-- How few people may leave: authors in the order of what they know, until more than half is gone
-- (Avelino et al. 2016 count files; here lines with a half-life of 180 days).
with heads as (

    select * from {{ ref('int_heads') }}

),

knowledge as (

    select
        commits.project,
        commits.author_key,
        arg_max(commits.author, commits.committed_at) as author,
        sum(
            changes.lines_added
            * pow(0.5, greatest(epoch(heads.committed_at) - epoch(commits.committed_at), 0) / (180 * 86400.0))
        ) as lines,
        arg_max(commits.batch_id, commits.ingested_at) as batch_id
    from {{ ref('stg_code_commits') }} as commits
    inner join heads on commits.project = heads.project
    inner join {{ ref('stg_code_changes') }} as changes
        on commits.project = changes.project and commits.commit_sha = changes.commit_sha
    where not commits.is_merge and not {{ is_foreign('changes.path') }}
    group by all
    having lines > 0

),

shares as (

    select
        *,
        lines / sum(lines) over (partition by project) as share,
        sum(lines) over (
            partition by project
            order by lines desc, author_key asc
            rows between unbounded preceding and 1 preceding
        ) / sum(lines) over (partition by project) as share_before
    from knowledge

)

select
    project,
    count(*) as authors,
    -- those without whom no more than half is known
    count(*) filter (coalesce(share_before, 0) <= 0.5) as bus_factor,
    arg_max(author, share) as main_author,
    100.0 * max(share) as main_share,
    arg_max(batch_id, share) as batch_id
from shares
group by project
order by project asc
