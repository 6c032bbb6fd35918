{# A row for each line of text that `column` of `relation`, such as 1-3,7, names, with the columns `keys`. #}
{% macro lines_of(relation, keys, column) %}
    select
        {{ keys | join(', ') }},
        unnest(generate_series(
            cast(string_split(span, '-')[1] as bigint),
            cast(string_split(span, '-')[-1] as bigint)
        )) as line
    from (
        select
            {{ keys | join(', ') }},
            unnest(string_split({{ column }}, ',')) as span
        from {{ relation }}
    )
    where span <> ''
{% endmacro %}
