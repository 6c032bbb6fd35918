{{ config(materialized='table') }}

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

),

-- apart by tool: one join with the tool among its conditions took minutes for two million findings
unfollowed as (

    select findings.*
    from findings
    anti join followed
        on
            findings.project = followed.project
            and findings.blob_id = followed.blob_id
            and findings.line = followed.line
            and findings.weakness = followed.weakness
    where findings.tool <> 'taint'

),

kept as (

    select * from findings
    where tool = 'taint'
    union all
    select * from unfollowed
    where tool <> 'ruff' or category <> 'security'
    union all
    select unfollowed.*
    from unfollowed
    anti join bandits
        on
            unfollowed.project = bandits.project
            and unfollowed.blob_id = bandits.blob_id
            and unfollowed.line = bandits.line
            and unfollowed.number = bandits.number
    where unfollowed.tool = 'ruff' and unfollowed.category = 'security'

)

select * exclude (number, weakness)
from kept
