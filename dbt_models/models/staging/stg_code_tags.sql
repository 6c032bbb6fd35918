-- the tags as they were at the last look; those that were taken away since are none, be it all of them
with looks as (

    select
        project,
        batch_id,
        ingested_at,
        json_extract_string(read_from, '$.tags') as digest
    from {{ ref('stg_batches') }}
    where collector = 'repository' and json_extract_string(read_from, '$.complete') = 'true'

),

newest as (

    select
        project,
        arg_max(digest, ingested_at) as digest
    from looks
    group by project

),

tags as (

    select * from {{ source('raw', 'code_tags') }}

)

select
    tags.project,
    tags.name,
    tags.commit_sha,
    tags.source_id,
    tags.batch_id,
    tags.ingested_at
from tags
inner join looks on tags.batch_id = looks.batch_id
inner join newest on looks.project = newest.project and looks.digest = newest.digest
qualify
    tags.batch_id = first_value(tags.batch_id) over (
        partition by tags.project
        order by tags.ingested_at desc, tags.batch_id desc
    )
