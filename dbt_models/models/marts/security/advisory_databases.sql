-- how old the newest record was whenever the database was read, once a day at least
with readings as (

    select
        *,
        make_timestamptz(cast(json_extract_string(read_from, '$.newest') as bigint)) as newest_record
    from {{ ref('stg_batches') }}
    where collector = 'advisories'

)

select
    project,
    source_id,
    ingested_at as read_at,
    newest_record,
    row_count as records_added,
    rejected_count as records_refused,
    greatest(0, date_diff('second', newest_record, ingested_at)) / 86400.0 as age_days,
    batch_id
from readings
-- a large database comes in several batches
qualify
    row_number() over (
        partition by source_id, cast(ingested_at as date)
        order by newest_record desc, batch_id asc
    ) = 1
