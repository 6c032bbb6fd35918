{#-
    A table that continues from what it holds, as long as `is_incremental`. Strategy `append`: the model's SQL
    gives the rows that it lacks. Strategy `replace`: it gives all rows, taking the settled ones from the table.
-#}
{% materialization incremental, adapter='duckdb' %}
    {%- set target = this.incorporate(type='table') -%}
    {%- set mark = lake_mark(model.raw_code) -%}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if config.get('incremental_strategy', 'append') == 'replace' -%}
        {#- aside first: the query reads the table that is emptied -#}
        {%- call statement('aside') -%} create or replace temp table rows_to_keep as {{ compiled_code }} {%- endcall -%}
        {%- do lake_replace(target, 'select * from rows_to_keep', mark) -%}
        {%- call statement('tidy') -%} drop table rows_to_keep {%- endcall -%}
    {%- else -%}
        {%- if not is_incremental() -%}
            {%- do lake_make_way(target) -%}
            {#- made empty first: DuckLake takes no order for a table that the transaction has filled -#}
            {%- call statement('shape') -%}
                create or replace table {{ target }} as select * from ({{ compiled_code }}) as model limit 0
            {%- endcall -%}
            {%- call statement('sorted_by') -%}
                alter table {{ target }} set sorted by ({{ config.require('sorted_by') | join(', ') }})
            {%- endcall -%}
            {%- do lake_describe(target, mark) -%}
        {%- endif -%}
        {%- call statement('main') -%} insert into {{ target }} by name {{ compiled_code }} {%- endcall -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#- dbt's rule, and one more: a table built from other SQL is not continued but built anew. -#}
{% macro is_incremental() -%}
    {{ return(
        execute
        and model.config.materialized == 'incremental'
        and not should_full_refresh()
        and lake_is_current(this.incorporate(type='table'), lake_mark(model.raw_code))
    ) }}
{%- endmacro %}
