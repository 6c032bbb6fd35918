select
    project,
    number,
    service,
    title,
    author,
    state,
    created_at,
    merged_at,
    closed_at,
    merged_by,
    merge_commit,
    lines_added,
    lines_removed,
    files,
    commits,
    reviewers,
    approvals,
    changes_requested,
    comments,
    first_review_at,
    source_id,
    batch_id,
    ingested_at
from {{ source('raw', 'code_reviews') }}
-- the newest reading of an export is what it says; what a forge said holds until it says something else
where
    batch_id in (
        select batches.batch_id
        from {{ ref('stg_batches') }} as batches
        where batches.collector = 'forge'
    )
    or batch_id in (
        select batches.batch_id
        from {{ ref('stg_batches') }} as batches
        where batches.collector = 'reviews'
        qualify row_number() over (partition by batches.source_id order by batches.ingested_at desc) = 1
    )
-- of two readings that know a request the newer counts
qualify {{ newest(['project', 'number']) }}
