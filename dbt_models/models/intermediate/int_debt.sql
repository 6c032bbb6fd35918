with rules as (

    select * from {{ ref('int_debt_rules') }}

),

functions as (

    select * from {{ ref('stg_code_functions') }}
    -- radon's figure for a class is made of its methods' figures
    where kind <> 'class'

),

findings as (

    select * from {{ ref('int_findings') }}

),

complex_functions as (

    select
        functions.project,
        functions.blob_id,
        rules.rule,
        functions.cyclomatic_complexity - rules.above as units
    from functions
    inner join rules on rules.rule = 'complex_function' and functions.cyclomatic_complexity > rules.above

),

long_functions as (

    select
        functions.project,
        functions.blob_id,
        rules.rule,
        functions.lines - rules.above as units
    from functions
    inner join rules on rules.rule = 'long_function' and functions.lines > rules.above

),

objections as (

    select
        project,
        blob_id,
        if(category = 'security', 'security_' || severity, category) as rule,
        0 as units
    from findings

),

occurrences as (

    select * from complex_functions
    union all
    select * from long_functions
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
