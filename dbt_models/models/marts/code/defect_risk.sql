select
    project,
    commit_sha,
    path,
    commits,
    new_author_share,
    cyclomatic_complexity,
    churn_rank,
    complexity_rank,
    risk,
    rank() over (partition by project order by risk desc) as place,
    batch_id
from {{ ref('int_defect_risk') }}
where moment = 'now'
order by project asc, place asc, path asc
