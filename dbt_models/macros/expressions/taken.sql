{#-
    Which raw rows an incremental model has still to take. A batch is in it whole or not at all, so what is
    missing is found by comparing batches; only those of the last day before the newest one that it holds are
    compared, because a batch is stamped under the lock, moments before its commit.
-#}
{% macro newest_taken(relation) -%}
    {%- set newest -%}
        select coalesce(max(ingested_at) - interval 24 hours, '-infinity'::timestamptz)::varchar from {{ relation }}
    {%- endset -%}
    {{ return("'" ~ run_query(newest).rows[0][0] ~ "'::timestamptz") }}
{%- endmacro %}
