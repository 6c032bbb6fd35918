{#- Shape of the frames' JSON in `raw.error_events`, outermost call first. -#}
{% macro frames_shape() -%}
    [{"module": "VARCHAR", "function": "VARCHAR", "file": "VARCHAR", "line": "BIGINT", "in_app": "BOOLEAN"}]
{%- endmacro %}

{#-
    Name of a frame as grouping sees it: module and function, or the file's name where there is no module.
    No line numbers, and nothing that a compiler or an address added, so that it survives a new release.
-#}
{% macro frame_name(frame) -%}
    regexp_replace(
        concat_ws(
            '.',
            coalesce({{ frame }}.module, regexp_extract({{ frame }}.file, '([^/\\]+?)(\.\w+)?$', 1)),
            {{ frame }}.function
        ),
        '\$\d+|\$\$Lambda.*|<locals>\.|@[0-9a-f]{6,}', '', 'g'
    )
{%- endmacro %}
