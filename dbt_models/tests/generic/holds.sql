{#- What every row promises of itself; a row where nothing can be said keeps it. -#}
{% test holds(model, condition) %}
    select * from {{ model }}
    where not ({{ condition }})
{% endtest %}
