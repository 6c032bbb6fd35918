with catalogue as (

    select * from {{ source('marts', 'metric_catalogue') }}

),

daily as (

    select * from {{ ref('fct_observations_daily') }}

),

seen as (

    select
        metric,
        count(distinct concat_ws('|', project, subject, labels)) as series,
        count(distinct project) as projects,
        cast(sum(samples) as bigint) as observations,
        min(day) as first_observed_on,
        max(day) as last_observed_on
    from daily
    group by all

)

select
    coalesce(catalogue.metric, seen.metric) as metric,
    coalesce(catalogue.title, seen.metric) as title,
    coalesce(catalogue.area, 'custom') as area,
    catalogue.unit,
    coalesce(catalogue.direction, 'neutral') as direction,
    catalogue.subject_kind,
    coalesce(catalogue.grain, 'sample') as grain,
    coalesce(catalogue.source_model, 'stg_metric_samples') as source_model,
    coalesce(catalogue.source_column, 'value') as source_column,
    coalesce(catalogue.raw_table, 'metric_samples') as raw_table,
    catalogue.description,
    catalogue.minimum_effect_percent,
    catalogue.metric is not null as is_catalogued,
    coalesce(seen.series, 0) as series,
    coalesce(seen.projects, 0) as projects,
    coalesce(seen.observations, 0) as observations,
    seen.first_observed_on,
    seen.last_observed_on
from catalogue
full join seen on catalogue.metric = seen.metric
order by metric asc
