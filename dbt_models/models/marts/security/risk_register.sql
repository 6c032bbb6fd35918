-- Open risks of HEAD, those of a kind as one. Likelihood and impact are 1 to 5 and this project's own: impact
-- is the severity; likelihood is how sure the finding is, less in tests and tools, more when it is old.
with scored as (

    select * from {{ source('marts', 'security_score_deductions') }}

),

findings as (

    select
        history.project,
        if(history.tool = 'secrets', 'secret', 'code') as kind,
        history.rule as name,
        coalesce(history.title, history.rule) as title,
        history.severity,
        coalesce(scored.exposure, 'runtime') as exposure,
        case history.confidence when 'high' then 4 when 'medium' then 3 else 2 end as base,
        history.age_days,
        history.path || ':' || history.line as place,
        history.born_author as author,
        null as fix,
        history.batch_id
    from {{ ref('code_finding_history') }} as history
    left join scored
        on
            history.project = scored.project
            and history.tool = scored.tool
            and history.rule = scored.rule
            and history.path = scored.path
            and history.line = scored.line
    where history.is_open and history.category = 'security'

),

packages as (

    select
        project,
        'dependency' as kind,
        vulnerability as name,
        package || ' ' || specifier || coalesce(': ' || nullif(summary, ''), '') as title,
        severity,
        if(scope = 'runtime', 'runtime', 'dev') as exposure,
        if(status = 'open', 5, 3) as base,
        exposed_days as age_days,
        path as place,
        introduced_by as author,
        package || ' ' || fixed_in as fix,
        batch_id
    from {{ ref('vulnerabilities') }}
    where status <> 'fixed'

),

both_kinds as (

    select * from findings
    union all by name
    select * from packages

),

risks as (

    select
        *,
        coalesce(
            list_position(['info', 'low', 'medium', 'high', 'critical'], severity), 3
        ) as impact,
        least(5, greatest(
            1,
            base
            - case exposure when 'test' then 2 when 'dev' then 1 else 0 end
            + if(age_days > 365, 1, 0)
        )) as likelihood
    from both_kinds

)

select
    project,
    kind,
    name,
    any_value(title) as title,
    severity,
    exposure,
    max(likelihood) as likelihood,
    max(impact) as impact,
    max(likelihood) * max(impact) as score,
    case
        when max(likelihood) * max(impact) >= 15 then 'high'
        when max(likelihood) * max(impact) >= 8 then 'medium'
        else 'low'
    end as level,
    count(*) as occurrences,
    max(age_days) as oldest_days,
    any_value(fix) as fix_available,
    list_sort(list_distinct(list(place)))[:5] as places,
    arg_max(author, age_days) as owner,
    max(batch_id) as batch_id
from risks
group by project, kind, name, severity, exposure
order by project asc, score desc, occurrences desc
