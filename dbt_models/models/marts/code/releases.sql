-- tags that are named like versions, with what came in each first: an estimate, since a tag is no deployment
with contents as (

    select * from {{ source('marts', 'release_commits') }}

),

commits as (

    select * from {{ ref('stg_code_commits') }}

),

tagged as (

    select
        tags.project,
        tags.name,
        tags.commit_sha,
        tags.batch_id,
        commits.committed_at as released_at,
        commits.position
    from {{ ref('stg_code_tags') }} as tags
    inner join commits on tags.project = commits.project and tags.commit_sha = commits.commit_sha

),

brought as (

    select
        contents.project,
        contents.release as name,
        any_value(contents.kind) as kind,
        any_value(contents.series) as series,
        count(*) as commits,
        count(distinct commits.author_key) as authors,
        median(greatest(epoch(tagged.released_at) - epoch(commits.committed_at), 0)) / 3600.0 as lead_hours
    from contents
    inner join commits on contents.project = commits.project and contents.commit_sha = commits.commit_sha
    inner join tagged on contents.project = tagged.project and contents.release = tagged.name
    group by all

),

ordered as (

    select
        tagged.*,
        brought.* exclude (project, name),
        lag(tagged.name) over main_order as previous,
        date_diff('second', lag(tagged.released_at) over main_order, tagged.released_at)
        / 86400.0 as days_since_previous
    from tagged
    inner join brought on tagged.project = brought.project and tagged.name = brought.name
    window main_order as (
        partition by tagged.project
        order by tagged.released_at asc, tagged.position asc, tagged.name asc
    )

),

mended as (

    select
        ordered.project,
        ordered.name,
        arg_min(patches.name, patches.released_at) as mended_by,
        min(patches.released_at) as mended_at
    from ordered
    inner join ordered as patches
        on
            ordered.project = patches.project
            and ordered.series = patches.series
            and patches.kind = 'patch'
            and ordered.released_at < patches.released_at
            and patches.released_at <= ordered.released_at + interval 7 days
    group by all

)

select
    ordered.project,
    ordered.name,
    ordered.commit_sha,
    ordered.released_at,
    ordered.kind,
    ordered.series,
    ordered.previous,
    ordered.days_since_previous,
    ordered.commits,
    ordered.authors,
    -- the first release that was read holds everything before it
    if(ordered.previous is null, null, ordered.lead_hours) as lead_hours,
    mended.mended_by,
    (epoch(mended.mended_at) - epoch(ordered.released_at)) / 3600.0 as hours_to_mend,
    true as estimated,
    ordered.batch_id
from ordered
left join mended on ordered.project = mended.project and ordered.name = mended.name
order by ordered.project asc, ordered.released_at asc
