with batches as (

    select * from {{ ref('stg_batches') }}
    where collector = 'repository'

),

commits as (

    select * from {{ ref('stg_code_commits') }}

)

select
    commits.project,
    commits.commit_sha,
    commits.committed_at,
    commits.position
from batches
inner join commits
    on batches.project = commits.project and batches.head = commits.commit_sha
qualify
    row_number() over (
        partition by batches.project
        order by batches.snapshot_id desc, batches.ingested_at desc
    ) = 1
