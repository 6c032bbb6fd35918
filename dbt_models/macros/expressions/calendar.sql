{#-
    Every period of each series, with or without events: from its first one (at most `days` before its last one)
    to `quiet_days` after its last one, but never into the period that is still open. `counts` has a row per
    series (its `keys`) and number of the period that has events.
-#}
{% macro calendar(counts, number, open_period, periods_per_day, days, keys=['project']) -%}
    select
        {{ keys | join(', ') }},
        unnest(range(
            greatest(min({{ number }}), max({{ number }}) - {{ days }} * {{ periods_per_day }}),
            least(
                max({{ number }}) + {{ var('quiet_days') }} * {{ periods_per_day }} + 1,
                (select {{ open_period }} from as_of)
            )
        )) as {{ number }}
    from {{ counts }}
    group by {{ keys | join(', ') }}
{%- endmacro %}
