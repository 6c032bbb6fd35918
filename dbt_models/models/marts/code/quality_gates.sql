-- what each commit of the main line brought, against the conditions in force; `gate` judges it before that
with main_line as (

    select * from {{ ref('int_main_line') }}

),

conditions as (

    select * from {{ source('marts', 'gate_conditions') }}

),

brought as (

    select
        project,
        born_commit as commit_sha,
        case
            when tool = 'secrets' then 'new_secrets'
            when severity in ('critical', 'high') then 'new_findings_high'
            when severity = 'medium' then 'new_findings_medium'
            when severity = 'low' then 'new_findings_low'
        end as measure,
        count(*) as value
    from {{ ref('code_finding_history') }}
    where not born_before
    group by all

),

suppressed as (

    select
        commits.project,
        commits.commit_sha,
        'new_suppressions' as measure,
        commits.suppressions - lag(commits.suppressions) over (
            partition by commits.project order by main_line.place asc
        ) as value
    from {{ ref('code_quality_by_commit') }} as commits
    inner join main_line on commits.project = main_line.project and commits.commit_sha = main_line.commit_sha

),

measured as (

    select * from brought
    union all by name
    select * from suppressed

)

select
    main_line.project,
    main_line.commit_sha,
    main_line.committed_at,
    main_line.author,
    conditions.measure,
    cast(coalesce(measured.value, 0) as double) as value,
    conditions.maximum,
    conditions.level,
    if(coalesce(measured.value, 0) <= conditions.maximum, 'pass', conditions.level) as status,
    main_line.batch_id
from main_line
cross join conditions
left join measured
    on
        main_line.project = measured.project
        and main_line.commit_sha = measured.commit_sha
        and conditions.measure = measured.measure
-- the oldest commit that was read brought everything
where
    main_line.place > 1
    and conditions.measure in (
        'new_findings_high', 'new_findings_medium', 'new_findings_low', 'new_secrets', 'new_suppressions'
    )
order by main_line.project asc, main_line.place desc, conditions.measure asc
