-- the four measures of DORA by month, out of tags alone, and so an estimate
with releases as (

    select
        *,
        date_trunc('month', released_at) as month
    from {{ ref('releases') }}

),

months as (

    select
        project,
        unnest(generate_series(min(month), max(month), interval 1 month)) as month
    from releases
    group by project

)

select
    months.project,
    months.month,
    count(releases.name) as releases,
    round(
        7.0 * count(releases.name) / date_diff('day', months.month, months.month + interval 1 month), 4
    ) as releases_per_week,
    median(releases.lead_hours) as lead_hours,
    100.0 * count(releases.mended_by) / nullif(count(releases.name), 0) as change_failure_percent,
    median(releases.hours_to_mend) as restore_hours,
    cast(coalesce(sum(releases.commits), 0) as bigint) as commits,
    true as estimated,
    max(releases.batch_id) as batch_id
from months
left join releases on months.project = releases.project and months.month = releases.month
group by months.project, months.month
order by months.project asc, months.month asc
