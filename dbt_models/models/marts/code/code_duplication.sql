with heads as (

    select * from {{ ref('int_heads') }}

),

copies as (

    select * from {{ ref('stg_code_duplicates') }}

)

select
    copies.project,
    copies.commit_sha,
    copies.clone_group,
    copies.kind,
    copies.path,
    copies.start_line,
    copies.end_line,
    copies.end_line - copies.start_line + 1 as lines,
    copies.tokens,
    count(*) over (partition by copies.project, copies.clone_group) as copies,
    files.last_changed_at,
    copies.batch_id
from copies
inner join heads on copies.project = heads.project and copies.commit_sha = heads.commit_sha
left join {{ ref('code_ownership') }} as files
    on copies.project = files.project and copies.path = files.path
order by copies.project asc, copies.clone_group asc, copies.path asc, copies.start_line asc
