with samples as (

    select * from {{ ref('fct_observations_samples') }}

),

derived as (

    select * from {{ ref('fct_observations_derived') }}

),

catalogue as (

    select * from {{ source('marts', 'metric_catalogue') }}

),

commits as (

    select * from {{ ref('code_quality_by_commit') }}
    where on_main

),

files as (

    select * from {{ ref('stg_code_files') }}

),

blobs as (

    select * from {{ ref('int_blobs') }}

),

coverage as (

    select * from {{ ref('int_coverage') }}

),

errors as (

    select * from {{ ref('error_events') }}
    where is_error

),

usage as (

    select * from {{ ref('int_usage_sessions') }}

),

batches as (

    select * from {{ ref('stg_batches') }}

),

requests as (

    select * from {{ ref('stg_request_samples') }}
    where operation in ('http.server', 'database', 'cache')

),

sessions as (

    select * from {{ ref('stg_sessions') }}

),

counts as (

    select * from {{ ref('stg_ingest_counts') }}

),

-- what a commit's numbers rest on: its tree, and the analysis of each blob in it
commit_batches as (

    select
        project,
        commit_sha,
        'code_files' as raw_table,
        batch_id
    from files

    union

    select
        files.project,
        files.commit_sha,
        unnest(['code_file_metrics', 'code_findings']) as raw_table,
        blobs.batch_id
    from files
    inner join blobs on files.project = blobs.project and files.blob_id = blobs.blob_id

),

by_raw_table as (

    select distinct
        'error_events' as raw_table,
        grains.grain,
        errors.project,
        if(grains.grain = 'hour', errors.hour, {{ utc_instant('errors.day') }}) as observed_at,
        errors.batch_id
    from errors
    cross join (values ('hour'), ('day')) as grains (grain)

    union all

    select distinct
        'sessions' as raw_table,
        'day' as grain,
        project,
        {{ utc_instant(utc_day('event_time')) }} as observed_at,
        batch_id
    from sessions

    union all

    select distinct
        'ingest_counts' as raw_table,
        'hour' as grain,
        project,
        hour as observed_at,
        batch_id
    from counts

    union all

    select distinct
        'usage_events' as raw_table,
        'day' as grain,
        project,
        {{ utc_instant('day') }} as observed_at,
        batch_id
    from usage

    union all

    select
        'quarantine' as raw_table,
        'hour' as grain,
        project,
        {{ utc_hour('ingested_at') }} as observed_at,
        batch_id
    from batches

    union all

    select distinct
        commit_batches.raw_table,
        'commit' as grain,
        commits.project,
        case
            when commit_batches.raw_table = 'code_coverage'
                then greatest(commits.committed_at, commits.coverage_measured_at)
            else commits.committed_at
        end as observed_at,
        commit_batches.batch_id
    from commits
    inner join commit_batches
        on commits.project = commit_batches.project and commits.commit_sha = commit_batches.commit_sha

    union all

    select distinct
        'code_coverage' as raw_table,
        'commit' as grain,
        commits.project,
        greatest(commits.committed_at, coverage.known_at) as observed_at,
        coverage.batch_id
    from commits
    inner join coverage on commits.project = coverage.project and commits.commit_sha = coverage.commit_sha

),

-- what an hour of a service rests on: calls of one kind, or what was probed
by_service as (

    select distinct
        case operation
            when 'http.server' then 'performance'
            else operation
        end as family,
        project,
        service as subject,
        if(source_file is null, '{}', '{"reported_by":"access_log"}') as labels,
        {{ utc_hour('event_time') }} as observed_at,
        batch_id
    from requests

    union all

    select distinct
        'health' as family,
        project,
        subject,
        '{}' as labels,
        {{ utc_hour('observed_at') }} as observed_at,
        batch_id
    from samples
    where metric = 'probe.up'

)

select
    metric,
    project,
    subject,
    observed_at,
    batch_id
from samples

union all

select
    derived.metric,
    derived.project,
    derived.subject,
    derived.observed_at,
    by_raw_table.batch_id
from derived
inner join catalogue on derived.metric = catalogue.metric
inner join by_raw_table
    on
        catalogue.raw_table = by_raw_table.raw_table
        and catalogue.grain = by_raw_table.grain
        and derived.project = by_raw_table.project
        and derived.observed_at = by_raw_table.observed_at

union all

select
    derived.metric,
    derived.project,
    derived.subject,
    derived.observed_at,
    by_service.batch_id
from derived
inner join by_service
    on
        split_part(derived.metric, '.', 1) = by_service.family
        and derived.project = by_service.project
        and derived.subject = by_service.subject
        and derived.labels = by_service.labels
        and derived.observed_at = by_service.observed_at
