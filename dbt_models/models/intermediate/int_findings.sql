-- ruff's S rules are bandit's under the same numbers: where both found the same, it is one fault
with findings as (

    select * from {{ ref('stg_code_findings') }}

),

bandits as (

    select distinct
        project,
        blob_id,
        line,
        regexp_extract(rule, '[0-9]+') as number
    from findings
    where tool = 'bandit'

)

select findings.*
from findings
left join bandits
    on
        findings.project = bandits.project
        and findings.blob_id = bandits.blob_id
        and findings.line = bandits.line
        and findings.tool = 'ruff'
        and findings.category = 'security'
        and regexp_extract(findings.rule, '[0-9]+') = bandits.number
where bandits.number is null
