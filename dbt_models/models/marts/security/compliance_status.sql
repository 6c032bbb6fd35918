-- open findings and vulnerabilities against each control; where no tool looks, nobody can say
with controls as (

    select * from {{ ref('int_compliance_controls') }}

),

detectable as (

    select * from {{ ref('int_detectable_weaknesses') }}

),

heads as (

    select
        project,
        commit_sha,
        committed_at,
        batch_id
    from {{ ref('int_main_line') }}
    where place = places

),

advised as (

    select count(*) > 0 as has_advisories from {{ ref('stg_advisories') }}

),

dependencies as (

    select
        project,
        count(*) as packages
    from {{ ref('code_dependencies') }}
    group by project

),

-- what the policy counts for: packages that are pinned, under a licence that is known or is not
licensed as (

    select
        project,
        ecosystem,
        name,
        version,
        path,
        licence,
        licence_verdict as verdict
    from {{ ref('code_dependencies') }}
    where locked and list_contains((select max(scopes) from {{ source('marts', 'package_licences') }}), scope)

),

licences as (

    select
        project,
        bool_and(verdict <> 'unknown') as all_known
    from licensed
    group by project

),

evidence as (

    select
        project,
        cwe as weakness,
        severity,
        path || ':' || line || ' ' || rule as place
    from {{ ref('code_finding_history') }}
    where is_open and category = 'security' and severity in ('critical', 'high', 'medium')
    union all
    select
        project,
        try_cast(replace(unnest(weaknesses), 'CWE-', '') as integer) as weakness,
        severity,
        path || ' ' || package || ' ' || vulnerability as place
    from {{ ref('vulnerabilities') }}
    where status = 'open'
    union all
    -- whatever its weakness, it is a component with a known vulnerability
    select
        project,
        unnest([1035, 937]) as weakness,
        severity,
        path || ' ' || package || ' ' || vulnerability as place
    from {{ ref('vulnerabilities') }}
    where status = 'open'
    union all
    -- no weakness of CWE; the control has this number to itself
    select
        project,
        0 as weakness,
        'medium' as severity,
        path || ' ' || name || ' ' || licence as place
    from licensed
    where verdict = 'denied'

),

broken as (

    select
        evidence.project,
        controls.pack,
        controls.control,
        count(distinct evidence.place) as findings,
        min_by(
            evidence.severity,
            list_position(['critical', 'high', 'medium', 'low', 'info', 'unknown'], evidence.severity)
        ) as worst,
        list_sort(list_distinct(list(evidence.place)))[:5] as examples
    from evidence
    inner join controls on list_contains(controls.weaknesses, evidence.weakness)
    group by all

),

looked_for as (

    select distinct
        controls.pack,
        controls.control
    from controls
    inner join detectable on list_contains(controls.weaknesses, detectable.weakness)

)

select
    heads.project,
    controls.pack,
    controls.control,
    controls.title,
    case
        when broken.findings is not null then 'fail'
        when looked_for.control is not null then 'pass'
        when
            list_contains(controls.weaknesses, 1035)
            and advised.has_advisories
            and dependencies.packages is not null
            then 'pass'
        when list_contains(controls.weaknesses, 0) and licences.all_known then 'pass'
        else 'not_evaluable'
    end as status,
    coalesce(broken.findings, 0) as findings,
    broken.worst as worst_severity,
    coalesce(broken.examples, []) as evidence,
    heads.commit_sha,
    heads.committed_at,
    heads.batch_id
from heads
cross join controls
cross join advised
left join dependencies on heads.project = dependencies.project
left join licences on heads.project = licences.project
left join broken
    on heads.project = broken.project and controls.pack = broken.pack and controls.control = broken.control
left join looked_for on controls.pack = looked_for.pack and controls.control = looked_for.control
