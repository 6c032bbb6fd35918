-- Names, risks and weights are OpenSSF Scorecard's; what needs a server, or cannot be judged, is left out of
-- the mean instead of counting 0.
with checks as (

    select
        checks.name,
        checks.risk,
        case checks.risk
            when 'critical' then 10 when 'high' then 7.5 when 'medium' then 5 else 2.5
        end as weight
    from (
        values
        ('Dangerous-Workflow', 'critical'), ('Webhooks', 'critical'),
        ('Binary-Artifacts', 'high'), ('Branch-Protection', 'high'), ('Code-Review', 'high'),
        ('Dependency-Update-Tool', 'high'), ('Maintained', 'high'), ('Signed-Releases', 'high'),
        ('Token-Permissions', 'high'), ('Vulnerabilities', 'high'),
        ('Fuzzing', 'medium'), ('Packaging', 'medium'), ('Pinned-Dependencies', 'medium'), ('SAST', 'medium'),
        ('SBOM', 'medium'), ('Security-Policy', 'medium'),
        ('CI-Tests', 'low'), ('CII-Best-Practices', 'low'), ('Contributors', 'low'), ('License', 'low')
    ) as checks (name, risk)

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

-- of the last 90 days; one commit a week is enough
kept as (

    select
        heads.project,
        count(commits.commit_sha) as commits
    from heads
    left join {{ ref('stg_code_commits') }} as commits
        on
            heads.project = commits.project
            and current_timestamp - interval 90 day < commits.committed_at
    group by heads.project

),

advised as (

    select count(*) > 0 as has_advisories from {{ ref('stg_advisories') }}

),

vulnerable as (

    select
        project,
        count(distinct vulnerability) as vulnerabilities,
        list_sort(list_distinct(list(path || ' ' || vulnerability)))[:5] as evidence
    from {{ ref('vulnerabilities') }}
    where status = 'open'
    group by project

),

found as (

    select
        heads.project,
        practices.name,
        practices.score,
        practices.reason,
        practices.evidence
    from heads
    inner join {{ ref('stg_code_practices') }} as practices
        on heads.project = practices.project and heads.commit_sha = practices.commit_sha
    union all
    select
        project,
        'Maintained' as name,
        least(10.0, commits * 10 / 13) as score,
        commits || ' commits in the last 90 days' as reason,
        [] as evidence
    from kept
    union all
    select
        heads.project,
        'Vulnerabilities' as name,
        if(
            advised.has_advisories, greatest(0.0, 10.0 - coalesce(vulnerable.vulnerabilities, 0)), null
        ) as score,
        if(
            advised.has_advisories,
            coalesce(vulnerable.vulnerabilities, 0) || ' open vulnerabilities',
            'no advisories are configured'
        ) as reason,
        coalesce(vulnerable.evidence, []) as evidence
    from heads
    cross join advised
    left join vulnerable on heads.project = vulnerable.project

)

select
    heads.project,
    checks.name,
    checks.risk,
    checks.weight,
    if(found.score is null, 'not_evaluable', 'evaluated') as status,
    found.score,
    coalesce(found.reason, 'files alone do not say it') as reason,
    coalesce(found.evidence, []) as evidence,
    sum(checks.weight * found.score) over by_project
    / sum(checks.weight) filter (found.score is not null) over by_project as project_score,
    heads.commit_sha,
    heads.committed_at,
    heads.batch_id
from heads
cross join checks
left join found on heads.project = found.project and checks.name = found.name
window by_project as (partition by heads.project)
