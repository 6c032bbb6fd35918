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

-- the newest release of each package that any lock of any project has ever pinned
newest as (

    select
        ecosystem,
        name,
        arg_max(version, released_at) as version,
        max(released_at) as released_at
    from {{ ref('stg_code_dependencies') }}
    where version is not null and released_at is not null
    group by all

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
    dependencies.licence,
    if(dependencies.licence is null, 'unknown', licences.verdict) as licence_verdict,
    dependencies.released_at,
    newest.version as newest_known,
    date_diff('day', dependencies.released_at, newest.released_at) as days_behind,
    born.commit_sha as since_commit,
    born.committed_at as since,
    dependencies.batch_id
from files
inner join {{ ref('stg_code_dependencies') }} as dependencies
    on files.project = dependencies.project and files.blob_id = dependencies.blob_id
left join {{ source('marts', 'package_licences') }} as licences on dependencies.licence = licences.licence
left join newest on dependencies.ecosystem = newest.ecosystem and dependencies.name = newest.name
left join since
    on
        dependencies.project = since.project
        and dependencies.ecosystem = since.ecosystem
        and dependencies.name = since.name
        and dependencies.specifier = since.specifier
left join main_line as born
    on since.project = born.project and since.first_place = born.place
order by files.project asc, files.path asc, dependencies.name asc
