with catalogue as (

    select * from {{ source('marts', 'metric_catalogue') }}

),

samples as (

    select * from {{ ref('fct_observations_samples') }}

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

    select * from {{ ref('stg_code_coverage') }}

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

-- what a commit's numbers rest on: its tree, the analysis of each blob in it, coverage measured on it
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

    union

    select
        project,
        commit_sha,
        'code_coverage' as raw_table,
        batch_id
    from coverage

),

by_raw_table as (

    select distinct
        'error_events' as raw_table,
        catalogue_grain.grain,
        errors.project,
        if(catalogue_grain.grain = 'hour', errors.hour, {{ utc_instant('errors.day') }}) as observed_at,
        errors.batch_id
    from errors
    cross join (values ('hour'), ('day')) as catalogue_grain (grain)

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

    select
        commit_batches.raw_table,
        'commit' as grain,
        commits.project,
        commits.committed_at as observed_at,
        commit_batches.batch_id
    from commits
    inner join commit_batches
        on commits.project = commit_batches.project and commits.commit_sha = commit_batches.commit_sha

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
    catalogue.metric,
    by_raw_table.project,
    by_raw_table.project as subject,
    by_raw_table.observed_at,
    by_raw_table.batch_id
from by_raw_table
inner join catalogue
    on by_raw_table.raw_table = catalogue.raw_table and by_raw_table.grain = catalogue.grain
