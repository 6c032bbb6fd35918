with catalogue as (

    select * from {{ source('marts', 'metric_catalogue') }}

),

commits as (

    select * from {{ ref('code_quality_by_commit') }}
    where on_main
    -- two commits of one second: the later one stands for the instant
    qualify row_number() over (partition by project, committed_at order by position desc) = 1

),

-- of all lines, and of those that the commit brought
coverage as (

    select
        'code.coverage_percent' as metric,
        project,
        commit_sha,
        known_at,
        lines_executable,
        lines_covered,
        batch_id,
        ingested_at
    from {{ ref('int_coverage') }}
    union all
    select
        'code.patch_coverage_percent' as metric,
        project,
        commit_sha,
        known_at,
        lines_executable,
        lines_covered,
        batch_id,
        ingested_at
    from {{ ref('int_patch_coverage') }}

),

scores as (

    select * from {{ source('marts', 'security_scores') }}

),

engagement as (

    select * from {{ ref('engagement_daily') }}
    where is_complete

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

session_health as (

    select * from {{ ref('session_health') }}

),

ledger as (

    select * from {{ ref('ingest_ledger') }}

),

service_observations as (

    select * from {{ ref('int_service_observations') }}

),

code as (

    unpivot (
        select
            project,
            committed_at,
            batch_id,
            cast(columns(* exclude (
                project, committed_at, batch_id,
                commit_sha, author, debt_rating, on_main, coverage_percent, coverage_measured_at,
                patch_coverage_percent
            )) as double)
        from commits
    )
    on columns(* exclude (project, committed_at, batch_id))
    into name source_column value value

),

observations as (

    select
        catalogue.metric,
        code.project,
        code.committed_at as observed_at,
        code.value,
        code.batch_id
    from code
    inner join catalogue
        on catalogue.source_model = 'code_quality_by_commit' and code.source_column = catalogue.source_column

    union all

    -- observed when the tests ran: twice for one commit when they ran twice
    select
        coverage.metric,
        commits.project,
        greatest(commits.committed_at, coverage.known_at) as observed_at,
        100.0 * sum(coverage.lines_covered) / nullif(sum(coverage.lines_executable), 0) as value,
        arg_max(coverage.batch_id, coverage.ingested_at) as batch_id
    from commits
    inner join coverage on commits.project = coverage.project and commits.commit_sha = coverage.commit_sha
    group by coverage.metric, commits.project, commits.commit_sha, commits.committed_at, coverage.known_at
    qualify
        row_number() over (
            partition by coverage.metric, commits.project, greatest(commits.committed_at, coverage.known_at)
            order by coverage.known_at desc
        ) = 1

    union all

    select
        'security.score' as metric,
        commits.project,
        commits.committed_at as observed_at,
        scores.score as value,
        coalesce(scores.batch_id, commits.batch_id) as batch_id
    from commits
    inner join scores on commits.project = scores.project and commits.commit_sha = scores.commit_sha

    union all

    select
        'security.advisories_age' as metric,
        project,
        read_at as observed_at,
        age_days as value,
        batch_id
    from {{ ref('advisory_databases') }}

    union all

    select
        'errors.events' as metric,
        project,
        hour as observed_at,
        events as value,
        batch_id
    from {{ ref('int_errors_hourly') }}

    union all

    select
        'errors.groups' as metric,
        project,
        {{ utc_instant('day') }} as observed_at,
        groups as value,
        batch_id
    from {{ ref('int_error_groups_daily') }}

    union all

    select
        unnest(['usage.events', 'usage.active_users', 'usage.sessions']) as metric,
        project,
        {{ utc_instant('day') }} as observed_at,
        unnest([events, dau, sessions]) as value,
        batch_id
    from engagement

    union all

    select
        'platform.quarantined_rows' as metric,
        project,
        hour as observed_at,
        rows as value,
        batch_id
    from {{ ref('int_quarantine_hourly') }}

    union all

    select
        unnest(['errors.crash_free_sessions', 'errors.error_free_sessions']) as metric,
        session_health.project,
        {{ utc_instant('session_health.day') }} as observed_at,
        unnest([
            1 - sum(session_health.crashed) / sum(session_health.sessions),
            sum(session_health.healthy) / sum(session_health.sessions)
        ]) as value,
        arg_max(session_health.batch_id, session_health.ingested_at) as batch_id
    from session_health
    cross join as_of
    where session_health.day < as_of.open_day
    group by session_health.project, session_health.day

    union all

    select
        'ingest.rejected_share' as metric,
        ledger.project,
        ledger.hour as observed_at,
        sum(ledger.rejected) / nullif(sum(ledger.stored + ledger.duplicate + ledger.rejected), 0) as value,
        arg_max(ledger.batch_id, ledger.as_of) as batch_id
    from ledger
    cross join as_of
    where epoch_us(ledger.hour) // 3600000000 < as_of.open_hour
    group by ledger.project, ledger.hour

),

all_observations as (

    select
        metric,
        project,
        project as subject,
        '{}' as labels,
        observed_at,
        cast(value as double) as value,
        batch_id
    from observations

    union all

    select
        metric,
        project,
        service as subject,
        labels,
        hour as observed_at,
        value,
        batch_id
    from service_observations

)

select * from all_observations
where value is not null
order by metric asc, project asc, observed_at asc
