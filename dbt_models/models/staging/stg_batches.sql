select
    batch_id,
    project,
    source_id,
    collector,
    collector_version,
    read_from,
    json_extract_string(read_from, '$.head') as head,
    row_count,
    rejected_count,
    run_id,
    snapshot_id,
    ingested_at
from {{ source('raw', 'batches') }}
