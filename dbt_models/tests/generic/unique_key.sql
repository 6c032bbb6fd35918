{#- The grain holds: the columns together identify a row, and none of them is null. -#}
{% test unique_key(model, columns) %}
    select
        {{ columns | join(', ') }},
        count(*) as rows_of_key
    from {{ model }}
    group by all
    having count(*) > 1 or {{ columns | join(' is null or ') }} is null
{% endtest %}
