-- what HEAD's manifests and locks name, and since which commit of the main line each says so
with files as (

    select * from {{ ref('code_file_metrics') }}

),

spans as (

    select * from {{ ref('int_blob_spans') }}

),

main_line as (

    select * from {{ ref('int_main_line') }}

),

named as (

    select
        dependencies.*,
        spans.first_place,
        spans.last_place
    from {{ ref('stg_code_dependencies') }} as dependencies
    inner join spans
        on dependencies.project = spans.project and dependencies.blob_id = spans.blob_id

),

-- any file that named the same version of it counts
since as (

    select
        named.project,
        named.ecosystem,
        named.name,
        named.specifier,
        min(named.first_place) as first_place
    from named
    group by all

)

select
    files.project,
    files.commit_sha,
    files.path,
    dependencies.ecosystem,
    dependencies.name,
    dependencies.specifier,
    dependencies.version,
    dependencies.scope,
    dependencies.locked,
    dependencies.marker,
    born.commit_sha as since_commit,
    born.committed_at as since,
    dependencies.batch_id
from files
inner join {{ ref('stg_code_dependencies') }} as dependencies
    on files.project = dependencies.project and files.blob_id = dependencies.blob_id
left join since
    on
        dependencies.project = since.project
        and dependencies.ecosystem = since.ecosystem
        and dependencies.name = since.name
        and dependencies.specifier = since.specifier
left join main_line as born
    on since.project = born.project and since.first_place = born.place
order by files.project asc, files.path asc, dependencies.name asc
