-- What several tools found is there once: ruff's S rules are bandit's under the same numbers, and where input
-- was followed to a place, what a pattern says of the same weakness there is said already.
with findings as (

    select
        *,
        regexp_extract(rule, '[0-9]+') as number,
        -- a hash that is weak is weak cryptography to those who know no hashes
        if(cwe = 328, 327, cwe) as weakness
    from {{ ref('stg_code_findings') }}

),

bandits as (

    select distinct
        project,
        blob_id,
        line,
        number
    from findings
    where tool = 'bandit'

),

followed as (

    select distinct
        project,
        blob_id,
        line,
        weakness
    from findings
    where tool = 'taint'

)

select findings.* exclude (number, weakness)
from findings
left join bandits
    on
        findings.project = bandits.project
        and findings.blob_id = bandits.blob_id
        and findings.line = bandits.line
        and findings.tool = 'ruff'
        and findings.category = 'security'
        and findings.number = bandits.number
left join followed
    on
        findings.project = followed.project
        and findings.blob_id = followed.blob_id
        and findings.line = followed.line
        and findings.weakness = followed.weakness
        and findings.tool <> 'taint'
where bandits.number is null and followed.weakness is null
