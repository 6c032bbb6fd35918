-- a manifest that was read again has the packages of that look alone
with looks as (

    select * from {{ ref('stg_code_analyses') }}
    where tool = 'dependencies'

)

select
    dependencies.project,
    dependencies.blob_id,
    dependencies.ecosystem,
    dependencies.name,
    dependencies.specifier,
    dependencies.version,
    dependencies.scope,
    dependencies.locked,
    dependencies.marker,
    dependencies.licence,
    dependencies.released_at,
    dependencies.source_id,
    dependencies.batch_id,
    dependencies.ingested_at
from {{ source('raw', 'code_dependencies') }} as dependencies
inner join looks
    on
        dependencies.project = looks.project
        and dependencies.blob_id = looks.blob_id
        and dependencies.batch_id = looks.batch_id
