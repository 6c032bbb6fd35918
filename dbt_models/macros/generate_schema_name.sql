{#- Asset key, SQL address and file name agree: `marts.staging.stg_x`, not `marts.main_staging.stg_x`. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
