-- What git alone tells of reviews, an estimate: a merge into the main line, or a commit of it whose subject
-- carries a number, as squashed pull requests do. And what an export tells of the same requests. A branch's
-- commits belong to the first merge that brings them. Not sorted: with a sort behind its recursion DuckDB 1.5
-- takes 1 GB to write this table.
with recursive commits as materialized (

    select * from {{ ref('stg_code_commits') }}

),

main_line as materialized (

    select
        main_line.*,
        commits.parents,
        commits.subject,
        commits.authored_at
    from {{ ref('int_main_line') }} as main_line
    inner join commits on main_line.project = commits.project and main_line.commit_sha = commits.commit_sha

),

walked as (

    select
        project,
        place,
        unnest(parents[2:]) as commit_sha
    from main_line
    where len(parents) > 1
    union
    select
        walked.project,
        walked.place,
        unnest(commits.parents) as commit_sha
    from walked
    inner join commits on walked.project = commits.project and walked.commit_sha = commits.commit_sha
    where not commits.on_main

),

brought as (

    select
        walked.project,
        commits.commit_sha,
        commits.author_key,
        commits.authored_at,
        min(walked.place) as place
    from walked
    inner join commits on walked.project = commits.project and walked.commit_sha = commits.commit_sha
    where not commits.on_main
    group by all

),

branches as (

    select
        project,
        place,
        count(*) as commits,
        count(distinct author_key) as authors,
        min(authored_at) as first_authored_at,
        list(distinct author_key) as author_keys
    from brought
    group by all

),

sizes as materialized (

    select
        project,
        commit_sha,
        count(*) as files,
        cast(sum(coalesce(lines_added, 0) + coalesce(lines_removed, 0)) as bigint) as lines,
        list(path) as paths
    from {{ ref('stg_code_changes') }}
    group by all

),

requests as materialized (

    select * from {{ ref('stg_code_reviews') }}
    where state = 'merged'

),

units as materialized (

    select
        main_line.project,
        main_line.commit_sha,
        main_line.place,
        if(len(main_line.parents) > 1, 'merge', 'squash') as kind,
        coalesce(
            requests.number,
            cast(nullif(regexp_extract(main_line.subject, '#([0-9]{1,9})', 1), '') as bigint)
        ) as number,
        main_line.subject,
        main_line.author as merged_by,
        coalesce(branches.first_authored_at, main_line.authored_at) as first_authored_at,
        main_line.committed_at as merged_at,
        coalesce(branches.commits, 1) as commits,
        coalesce(branches.authors, 1) as authors,
        -- nobody else had a hand in it
        len(main_line.parents) > 1 and branches.author_keys = [main_line.author_key] as self_merged,
        main_line.batch_id
    from main_line
    left join branches on main_line.project = branches.project and main_line.place = branches.place
    left join requests
        on main_line.project = requests.project and main_line.commit_sha = requests.merge_commit
    where
        len(main_line.parents) > 1
        or regexp_matches(main_line.subject, '\(#[0-9]{1,9}\)$')
        or requests.number is not null
    -- of two requests that became one commit, one
    qualify
        row_number() over (
            partition by main_line.project, main_line.commit_sha
            order by requests.number desc
        ) = 1

),

repairs as (

    select
        main_line.project,
        main_line.committed_at,
        main_line.place,
        unnest(sizes.paths) as path
    from main_line
    inner join sizes on main_line.project = sizes.project and main_line.commit_sha = sizes.commit_sha
    where regexp_matches(main_line.subject, '(?i)\b(fix|fixes|fixed|hotfix|regression|revert)\b')

),

touched as (

    select
        units.project,
        units.commit_sha,
        units.place,
        units.merged_at,
        unnest(sizes.paths) as path
    from units
    inner join sizes on units.project = sizes.project and units.commit_sha = sizes.commit_sha

),

reworked as (

    select distinct
        touched.project,
        touched.commit_sha
    from touched
    inner join repairs
        on
            touched.project = repairs.project
            and touched.path = repairs.path
            and touched.place < repairs.place
            and repairs.committed_at <= touched.merged_at + interval 14 days

),

reverted as (

    select distinct
        project,
        regexp_extract(subject, '^Revert "(.+)"', 1) as subject
    from main_line
    where starts_with(subject, 'Revert "')

)

select
    units.project,
    units.commit_sha,
    units.kind,
    units.number,
    units.subject,
    requests.author as opened_by,
    coalesce(requests.merged_by, units.merged_by) as merged_by,
    requests.created_at as opened_at,
    -- squashing loses the branch's dates; it was there when somebody asked for a review of it
    least(units.first_authored_at, requests.created_at) as first_authored_at,
    coalesce(requests.merged_at, units.merged_at) as merged_at,
    greatest(
        epoch(coalesce(requests.merged_at, units.merged_at))
        - epoch(least(units.first_authored_at, requests.created_at)),
        0
    ) / 3600.0 as lead_hours,
    (epoch(requests.first_review_at) - epoch(requests.created_at)) / 3600.0 as first_review_hours,
    requests.reviewers,
    requests.approvals,
    requests.changes_requested,
    requests.comments,
    greatest(units.commits, coalesce(requests.commits, 0)) as commits,
    units.authors,
    coalesce(sizes.files, 0) as files,
    coalesce(sizes.lines, 0) as lines,
    coalesce(requests.author = requests.merged_by, units.self_merged) as self_merged,
    reworked.commit_sha is not null as reworked,
    reverted.subject is not null as reverted,
    requests.number is null as estimated,
    units.batch_id
from units
left join sizes on units.project = sizes.project and units.commit_sha = sizes.commit_sha
left join requests
    on
        units.project = requests.project
        and (
            units.commit_sha = requests.merge_commit
            or (requests.merge_commit is null and units.number = requests.number)
        )
left join reverted on units.project = reverted.project and units.subject = reverted.subject
left join reworked on units.project = reworked.project and units.commit_sha = reworked.commit_sha
