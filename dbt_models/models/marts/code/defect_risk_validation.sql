-- The risk as it stood then, against the fixes that came after: the area under the ROC curve is the chance
-- that a file that was fixed had the higher risk than one that was not (Mann and Whitney's U, ties a half).
with judged as (

    select
        *,
        later_fixes > 0 as fixed,
        rank() over (partition by project order by risk asc)
        + (count(*) over (partition by project, risk) - 1) / 2.0 as mid_rank,
        percent_rank() over (partition by project order by risk desc) as from_top
    from {{ ref('int_defect_risk') }}
    where moment = 'then'

),

summed as (

    select
        project,
        any_value(commit_sha) as commit_sha,
        any_value(committed_at) as judged_at,
        count(*) as files,
        count(*) filter (fixed) as fixed_files,
        sum(mid_rank) filter (fixed) as ranks,
        count(*) filter (fixed and from_top < 0.2) as fixed_in_top,
        arg_max(batch_id, risk) as batch_id
    from judged
    group by project

)

select
    project,
    commit_sha,
    judged_at,
    files,
    fixed_files,
    (ranks - fixed_files * (fixed_files + 1) / 2.0) / nullif(fixed_files * (files - fixed_files), 0) as auc,
    fixed_in_top / nullif(fixed_files, 0) as recall_of_top_fifth,
    batch_id
from summed
