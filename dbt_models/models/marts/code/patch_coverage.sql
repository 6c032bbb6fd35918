with patches as (

    select * from {{ ref('int_patch_coverage') }}
    qualify known_at = max(known_at) over (partition by project, commit_sha)

),

commits as (

    select * from {{ ref('stg_code_commits') }}

)

select
    patches.project,
    patches.commit_sha,
    commits.committed_at,
    commits.author,
    patches.path,
    patches.lines_executable,
    patches.lines_covered,
    100.0 * patches.lines_covered / patches.lines_executable as patch_percent,
    patches.uncovered_lines,
    patches.report,
    patches.known_at,
    patches.batch_id
from patches
inner join commits on patches.project = commits.project and patches.commit_sha = commits.commit_sha
order by patches.project asc, commits.committed_at asc, patches.path asc
