select
    project,
    advisory_id,
    revision,
    ecosystem,
    package,
    modified,
    published,
    withdrawn,
    aliases,
    ranges,
    versions,
    severity,
    score,
    vector,
    weaknesses,
    summary,
    fixed,
    source_id,
    batch_id,
    ingested_at
from {{ source('raw', 'advisories') }}
-- the newest state of a record counts
qualify
    row_number() over (
        partition by advisory_id, ecosystem, package
        order by modified desc, ingested_at desc, batch_id desc
    ) = 1
