-- the commits of the main line that were read, counted from the oldest; history reads as it was lived there
select
    project,
    commit_sha,
    author,
    author_key,
    committed_at,
    row_number() over (partition by project order by position asc) as place,
    count(*) over (partition by project) as places,
    batch_id
from {{ ref('stg_code_commits') }}
where on_main
