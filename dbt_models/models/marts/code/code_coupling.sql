-- Files that change together: degree = shared commits over the mean of both files' commits, in per cent,
-- with the limits of code-maat (Tornhill, Your Code as a Crime Scene): 5 commits each, 5 shared, 30 per cent,
-- at most 30 files a commit.
with changes as (

    select
        changes.project,
        changes.commit_sha,
        changes.path
    from {{ ref('stg_code_changes') }} as changes
    inner join {{ ref('stg_code_commits') }} as commits
        on changes.project = commits.project and changes.commit_sha = commits.commit_sha
    -- a merge repeats the changes of its branch
    where not commits.is_merge and not {{ is_foreign('changes.path') }}
    qualify count(*) over (partition by changes.project, changes.commit_sha) <= 30

),

present as (

    select
        project,
        commit_sha,
        path,
        batch_id
    from {{ ref('code_file_metrics') }}

),

revisions as (

    select
        present.project,
        present.path,
        present.batch_id,
        count(*) as commits
    from changes
    inner join present on changes.project = present.project and changes.path = present.path
    group by all
    having count(*) >= 5

),

pairs as (

    select
        one.project,
        one.path,
        other.path as other_path,
        count(*) as shared_commits
    from changes as one
    inner join changes as other
        on one.project = other.project and one.commit_sha = other.commit_sha and one.path < other.path
    group by all
    having count(*) >= 5

)

select
    pairs.project,
    pairs.path,
    pairs.other_path,
    pairs.shared_commits,
    one.commits,
    other.commits as other_commits,
    100.0 * pairs.shared_commits / ((one.commits + other.commits) / 2.0) as degree,
    one.batch_id
from pairs
inner join revisions as one on pairs.project = one.project and pairs.path = one.path
inner join revisions as other on pairs.project = other.project and pairs.other_path = other.path
where 100.0 * pairs.shared_commits / ((one.commits + other.commits) / 2.0) >= 30
order by pairs.project asc, degree desc, pairs.shared_commits desc
