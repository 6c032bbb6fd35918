with rules as (

    select * from {{ source('marts', 'debt_rules') }}

),

measures as (

    unpivot (
        select
            project,
            blob_id,
            cast(cyclomatic_complexity as bigint) as cyclomatic_complexity,
            cast(cognitive_complexity as bigint) as cognitive_complexity,
            cast(lines as bigint) as lines,
            cast(max_nesting as bigint) as max_nesting,
            cast(parameters as bigint) as parameters
        from {{ ref('stg_code_functions') }}
        -- a class's figures are made of its methods' figures
        where kind <> 'class'
    )
    on cyclomatic_complexity, cognitive_complexity, lines, max_nesting, parameters
    into name measure value figure

),

functions as (

    select
        measures.project,
        measures.blob_id,
        rules.rule,
        measures.figure - rules.above as units
    from measures
    inner join rules on measures.measure = rules.measure and measures.figure > rules.above

),

objections as (

    select
        project,
        blob_id,
        case
            -- an assert is how tests are written
            when regexp_matches(rule, '^[BS]101$') then 'security_info'
            when category = 'security' then 'security_' || severity
            when rule in ('E722', 'BLE001') then 'broad_except'
            when rule in ('F401', 'F811', 'F841', 'B018') then 'unused'
            else category
        end as rule,
        0 as units
    from {{ ref('int_findings') }}

),

occurrences as (

    select * from functions
    union all
    select * from objections

)

select
    occurrences.project,
    occurrences.blob_id,
    rules.rule,
    rules.title,
    count(*) as occurrences,
    cast(sum(rules.minutes + rules.minutes_per_unit * occurrences.units) as bigint) as minutes
from occurrences
inner join rules on occurrences.rule = rules.rule
group by all
