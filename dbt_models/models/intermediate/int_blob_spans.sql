{{ config(materialized='table') }}

-- from where to where in the main line a content stood, whatever it was called there
with held as (

    select distinct
        files.project,
        files.blob_id,
        main_line.place
    from {{ ref('stg_code_files') }} as files
    inner join {{ ref('int_main_line') }} as main_line
        on files.project = main_line.project and files.commit_sha = main_line.commit_sha

),

runs as (

    select
        *,
        place - row_number() over (partition by project, blob_id order by place asc) as run
    from held

)

select
    project,
    blob_id,
    min(place) as first_place,
    max(place) as last_place
from runs
group by project, blob_id, run
