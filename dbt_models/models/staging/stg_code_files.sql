select
    project,
    commit_sha,
    path,
    blob_id,
    language,
    coalesce(lower(language) = 'python', false) as is_python,
    source_id,
    batch_id,
    ingested_at
from {{ source('raw', 'code_files') }}
qualify {{ newest(['project', 'commit_sha', 'path']) }}
