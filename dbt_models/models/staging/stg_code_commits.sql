select
    project,
    commit_sha,
    tree_sha,
    parents,
    len(parents) > 1 as is_merge,
    author,
    author_key,
    authored_at,
    committed_at,
    subject,
    on_main,
    position,
    source_id,
    batch_id,
    ingested_at
from {{ source('raw', 'code_commits') }}
qualify {{ newest(['project', 'commit_sha']) }}
