with catalogue as (

    select * from {{ source('marts', 'project_catalogue') }}

),

daily as (

    select * from {{ ref('fct_observations_daily') }}

),

heads as (

    select * from {{ ref('int_heads') }}

),

seen as (

    select
        project,
        count(distinct metric) as metrics,
        count(distinct concat_ws('|', metric, subject, labels)) as series,
        cast(sum(samples) as bigint) as observations,
        min(day) as first_observed_on,
        max(day) as last_observed_on
    from daily
    group by all

)

select
    coalesce(catalogue.project, seen.project) as project,
    coalesce(catalogue.name, catalogue.project, seen.project) as name,
    catalogue.description,
    catalogue.owner,
    -- seen but no longer configured
    coalesce(catalogue.status, 'archived') as status,
    catalogue.repository,
    heads.commit_sha as head_commit_sha,
    heads.committed_at as head_committed_at,
    coalesce(seen.metrics, 0) as metrics,
    coalesce(seen.series, 0) as series,
    coalesce(seen.observations, 0) as observations,
    seen.first_observed_on,
    seen.last_observed_on
from catalogue
full join seen on catalogue.project = seen.project
left join heads on coalesce(catalogue.project, seen.project) = heads.project
order by project asc
