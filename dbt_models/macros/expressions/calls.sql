{#-
    What an hour of requests or calls comes down to; one definition for routes and for services.

    Percentiles are exact, interpolated between the two nearest durations. DuckDB's t-digest was tried: of 20
    durations its p90 was up to twice the true one, and 200,000 routes took 3.3 GB and 7 s, exact ones 60 MB and
    0.4 s. Durations that nobody measured count as calls and are left out of times and Apdex.
-#}
{% macro call_figures() -%}
    count(*) as calls,
    count(*) filter (is_error) as errors,
    count(duration_ms) as timed,
    quantile_cont(duration_ms, [0.5, 0.9, 0.99]) as percentiles,
    avg(duration_ms) as mean_ms,
    max(duration_ms) as max_ms,
    coalesce(sum(duration_ms), 0) as total_ms,
    -- Apdex 1.1: satisfied up to T, tolerating up to 4 T, what failed is frustrated however quick
    count(*) filter (not is_error and duration_ms <= {{ var('apdex_ms') }}) as satisfied,
    count(*) filter (
        not is_error and duration_ms > {{ var('apdex_ms') }} and duration_ms <= 4 * {{ var('apdex_ms') }}
    ) as tolerating,
    count(*) filter (duration_ms > {{ var('slow_call_ms') }}) as slow,
    count(*) filter (status between 200 and 299) as statuses_2xx,
    count(*) filter (status between 300 and 399) as statuses_3xx,
    count(*) filter (status between 400 and 499) as statuses_4xx,
    count(*) filter (status between 500 and 599) as statuses_5xx,
    count(*) filter (cache_hit) as hits,
    count(*) filter (not cache_hit) as misses,
    max(event_time) as last_at,
    arg_max(batch_id, ingested_at) as batch_id,
    max(ingested_at) as ingested_at
{%- endmacro %}

{#- The hours in `fresh`, their percentiles apart, and those of `relation` that were not computed anew. -#}
{% macro fresh_and_stored_hours(relation, incremental) -%}
    select
        * exclude (percentiles),
        percentiles[1] as p50_ms,
        percentiles[2] as p90_ms,
        percentiles[3] as p99_ms
    from fresh
    {% if incremental -%}
        union all by name
        select stored.* from {{ relation }} as stored
        anti join fresh on stored.project = fresh.project and stored.hour = fresh.hour
    {%- endif %}
{%- endmacro %}

{#- What is told of the requests of an hour in `calls`; one definition for routes and for services. -#}
{% macro request_figures() -%}
    calls.calls as requests,
    calls.errors,
    calls.errors / calls.calls as error_rate,
    calls.calls / {{ minutes_over('calls.hour', 'as_of.as_of') }} as throughput,
    calls.p50_ms,
    calls.p90_ms,
    calls.p99_ms,
    calls.mean_ms,
    calls.max_ms,
    {{ apdex() }} as apdex,
    calls.statuses_2xx,
    calls.statuses_3xx,
    calls.statuses_4xx,
    calls.statuses_5xx,
    calls.last_at
{%- endmacro %}

{#- How many minutes of the hour that begins at `hour` are over. -#}
{% macro minutes_over(hour, as_of) -%}
    greatest(least((epoch({{ as_of }}) - epoch({{ hour }})) / 60, 60), 1)
{%- endmacro %}

{#- Apdex of what `call_figures` counted; null where nothing was timed. -#}
{% macro apdex() -%}
    (satisfied + tolerating / 2) / nullif(timed, 0)
{%- endmacro %}

{#-
    The calls to compute hours from: all, or those of the hours that are not stored as they are now. An hour is
    as it is stored when it has as many calls; that is cheap to ask, and true whatever came late or was repeated.
-#}
{% macro calls_to_take(relation, samples, incremental) -%}
    {%- if not incremental -%}
        select
            *,
            {{ utc_hour('event_time') }} as hour
        from {{ samples }}
    {%- else -%}
        {%- set first -%}
            select coalesce(min({{ utc_hour('event_time') }}), 'infinity'::timestamptz)::varchar from {{ samples }}
            where ingested_at >= {{ newest_taken(relation) }}
        {%- endset -%}
        {%- set first_hour = "'" ~ run_query(first).rows[0][0] ~ "'::timestamptz" -%}
        select
            found.*,
            {{ utc_hour('found.event_time') }} as hour
        from {{ samples }} as found
        inner join (
            select
                project,
                hour,
                sum(calls) as calls
            from (
                select
                    project,
                    {{ utc_hour('event_time') }} as hour,
                    1 as calls
                from {{ samples }}
                where event_time >= {{ first_hour }}
                union all
                select
                    project,
                    hour,
                    -calls as calls
                from {{ relation }}
                where hour >= {{ first_hour }}
            ) as sides
            group by project, hour
            having sum(calls) <> 0
        ) as changed
            on found.project = changed.project and {{ utc_hour('found.event_time') }} = changed.hour
        where found.event_time >= {{ first_hour }}
    {%- endif -%}
{%- endmacro %}
