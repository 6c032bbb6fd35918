-- the import graph of HEAD; how many files depend on a file says what a change to it may reach
with imports as (

    select imports.*
    from {{ ref('stg_code_imports') }} as imports
    inner join {{ ref('int_heads') }} as heads
        on imports.project = heads.project and imports.commit_sha = heads.commit_sha

),

dependents as (

    select
        project,
        target,
        count(distinct path) as files
    from imports
    where target is not null
    group by all

)

select
    imports.project,
    imports.commit_sha,
    imports.path,
    imports.line,
    imports.module,
    imports.target,
    if(imports.target is null, string_split(imports.module, '.')[1], null) as package,
    imports.deferred,
    imports.cycle,
    dependents.files as target_dependents,
    imports.batch_id
from imports
left join dependents on imports.project = dependents.project and imports.target = dependents.target
order by imports.project asc, imports.path asc, imports.line asc
