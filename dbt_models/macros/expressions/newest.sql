{#-
    Keeps the newest row of each key. A batch is stored once, so this only matters where two batches say
    something about the same thing: a commit read again, content analysed by a newer version.
-#}
{% macro newest(key) -%}
    row_number() over (partition by {{ key | join(', ') }} order by ingested_at desc, batch_id desc) = 1
{%- endmacro %}
