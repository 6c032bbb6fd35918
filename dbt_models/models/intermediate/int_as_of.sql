-- time comes in as data: nothing can be said about what happened after the last commit
select
    max(ingested_at) as as_of,
    epoch_us(max(ingested_at)) // 3600000000 as open_hour,
    epoch_us(max(ingested_at)) // 86400000000 as open_day_number,
    {{ utc_day('max(ingested_at)') }} as open_day
from {{ ref('stg_batches') }}
