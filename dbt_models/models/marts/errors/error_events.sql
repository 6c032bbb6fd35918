{{ config(materialized='incremental', sorted_by=['project', 'event_time']) }}

{%- set incremental = is_incremental() %}

with events as (

    select * from {{ ref('stg_error_events') }}
    {% if incremental -%}
        where ingested_at >= {{ newest_taken(this) }}
    {%- endif %}

),

fresh as (

    select * from events
    {% if incremental -%}
        -- by event, not by batch: a client that sends an event again puts it in another batch
        anti join {{ this }} as taken
            on events.project = taken.project and events.event_id = taken.event_id
    {%- endif %}

),

named as (

    select
        *,
        {{ mask_message('message') }} as masked_message,
        -- frames in the application, or all of them where none is marked
        [
            {{ frame_name('frame') }}
            for frame in fresh.frames
            if coalesce(frame.module, frame.function, frame.file) is not null
            and (frame.in_app or not list_contains([other.in_app for other in fresh.frames], true))
        ] as frame_names
    from fresh

),

keyed as (

    select
        *,
        case
            when type is not null and len(frame_names) > 0
                -- the two innermost functions; recursion counts once
                then
                    type || ' in ' || frame_names[-1]
                    || coalesce(
                        ' from ' || list_filter(frame_names, lambda name: name <> frame_names[-1])[-1], ''
                    )
            else concat_ws(': ', coalesce(type, logger), masked_message)
        end as group_key
    from named

)

select
    project,
    event_id,
    md5(group_key)[:16] as group_id,
    group_key,
    event_time,
    {{ utc_hour('event_time') }} as hour,
    {{ utc_day('event_time') }} as day,
    level,
    level in ('fatal', 'error') as is_error,
    type,
    message,
    masked_message,
    coalesce(culprit, frame_names[-1]) as culprit,
    frames[-1].file as top_file,
    frames[-1].line as top_line,
    frames,
    exceptions,
    handled,
    logger,
    platform,
    release,
    environment,
    user_key,
    session_id,
    trace_id,
    source_file,
    source_line,
    source_id,
    batch_id,
    ingested_at
from keyed
order by project asc, event_time asc
