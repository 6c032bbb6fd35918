{#-
    One row for each key. A batch is stored once, so these only matter where two batches tell of the same thing.
-#}

{#- What was told last: a commit read again, content analysed by a newer version. -#}
{% macro newest(key) -%}
    row_number() over (partition by {{ key | join(', ') }} order by ingested_at desc, batch_id desc) = 1
{%- endmacro %}

{#- What was told first: an event does not change, so one that a client sent again is the same one. -#}
{% macro earliest(key) -%}
    row_number() over (partition by {{ key | join(', ') }} order by ingested_at asc, batch_id asc) = 1
{%- endmacro %}
