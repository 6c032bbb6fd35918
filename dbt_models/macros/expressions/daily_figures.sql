{#- What a day of a series comes down to; one definition for sampled and for derived metrics. -#}
{% macro daily_figures() -%}
    count(*) as samples,
    min(value) as minimum,
    max(value) as maximum,
    avg(value) as mean,
    arg_max(value, observed_at) as last
{%- endmacro %}

{#-
    The earliest day that a roll-up must compute again: the first one that a row taken since touches. Days are
    computed again from their samples, never added to, so doing it twice changes nothing.
-#}
{% macro first_day_to_redo(relation, samples) -%}
    {%- set first -%}
        select min({{ utc_day('observed_at') }})::varchar from {{ samples }}
        where ingested_at >= {{ newest_taken(relation) }}
    {%- endset -%}
    {%- set day = run_query(first).rows[0][0] -%}
    {{ return("'" ~ day ~ "'::date" if day else "'infinity'::date") }}
{%- endmacro %}
