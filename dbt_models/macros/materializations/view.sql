{#- A view that is written only when its SQL or description changed: a commit costs more than a look. -#}
{% materialization view, adapter='duckdb' %}
    {%- set target = this.incorporate(type='view') -%}
    {%- set mark = lake_mark(compiled_code) -%}
    {%- if lake_is_current(target, mark) -%}
        {%- call statement('main') -%} select 1 {%- endcall -%}
    {%- else -%}
        {%- do lake_make_way(target) -%}
        {%- call statement('main') -%} create or replace view {{ target }} as {{ compiled_code }} {%- endcall -%}
        {%- do lake_describe(target, mark) -%}
    {%- endif -%}
    {{ adapter.commit() }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
