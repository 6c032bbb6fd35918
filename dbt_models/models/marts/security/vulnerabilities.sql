-- from when to when the main line asked for a version that an advisory speaks of
with named as (

    select distinct
        dependencies.project,
        dependencies.blob_id,
        dependencies.ecosystem,
        dependencies.name,
        dependencies.specifier,
        dependencies.scope,
        dependencies.locked,
        spans.first_place,
        spans.last_place
    from {{ ref('stg_code_dependencies') }} as dependencies
    inner join {{ ref('int_blob_spans') }} as spans
        on dependencies.project = spans.project and dependencies.blob_id = spans.blob_id

),

main_line as (

    select * from {{ ref('int_main_line') }}

),

-- whatever file says so, as long as one does
numbered as (

    select
        *,
        coalesce(
            first_place > 1 + max(last_place) over (
                partition by project, ecosystem, name, specifier
                order by first_place asc, last_place asc
                rows between unbounded preceding and 1 preceding
            ),
            true
        ) as begins
    from named

),

runs as (

    select
        *,
        sum(if(begins, 1, 0)) over (
            partition by project, ecosystem, name, specifier
            order by first_place asc, last_place asc
            rows between unbounded preceding and current row
        ) as run
    from numbered

),

periods as (

    select
        project,
        ecosystem,
        name,
        specifier,
        run,
        min(first_place) as first_place,
        max(last_place) as last_place,
        arg_max(blob_id, last_place) as blob_id,
        bool_or(locked) as locked,
        if(bool_or(scope = 'runtime'), 'runtime', min(scope)) as scope
    from runs
    group by all

),

newest_path as (

    select
        files.project,
        files.blob_id,
        arg_max(files.path, main_line.place) as path
    from {{ ref('stg_code_files') }} as files
    inner join main_line on files.project = main_line.project and files.commit_sha = main_line.commit_sha
    group by all

),

-- a range in a manifest is settled by a lock beside it
settled as (

    select distinct
        named.project,
        named.ecosystem,
        named.name
    from named
    inner join main_line
        on named.project = main_line.project and named.last_place = main_line.place
    where named.locked and main_line.place = main_line.places

)

select
    periods.project,
    versions.ecosystem,
    versions.name as package,
    versions.specifier,
    versions.version,
    versions.vulnerability,
    versions.advisories,
    case
        when removed.place is not null then 'fixed'
        when versions.status = 'affected' then 'open'
        else 'undetermined'
    end as status,
    versions.severity,
    versions.score,
    versions.weaknesses,
    versions.summary,
    versions.fixed_in,
    periods.scope,
    newest_path.path,
    versions.published,
    introduced.commit_sha as introduced_commit,
    introduced.author as introduced_by,
    introduced.committed_at as introduced_at,
    removed.commit_sha as removed_commit,
    removed.committed_at as removed_at,
    greatest(versions.published, introduced.committed_at) as exposed_from,
    removed.committed_at as exposed_until,
    greatest(
        0,
        date_diff(
            'day',
            greatest(versions.published, introduced.committed_at),
            coalesce(removed.committed_at, current_timestamp)
        )
    ) as exposed_days,
    introduced.batch_id
from periods
inner join {{ source('marts', 'vulnerable_versions') }} as versions
    on
        periods.ecosystem = versions.ecosystem
        and periods.name = versions.name
        and periods.specifier = versions.specifier
inner join main_line as introduced
    on periods.project = introduced.project and periods.first_place = introduced.place
left join main_line as removed
    on periods.project = removed.project and periods.last_place + 1 = removed.place
left join newest_path
    on periods.project = newest_path.project and periods.blob_id = newest_path.blob_id
left join settled
    on
        periods.project = settled.project
        and periods.ecosystem = settled.ecosystem
        and periods.name = settled.name
where
    versions.status = 'affected'
    or (removed.place is null and (settled.name is null or periods.locked))
