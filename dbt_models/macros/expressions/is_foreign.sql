{#- Whether `path` is code that the project did not write: vendored, generated, or a lock file. -#}
{% macro is_foreign(path) -%}
    regexp_matches(
        {{ path }},
        '(^|/)(_?vendor(ed)?|third[_-]?party|site-packages|node_modules|\.?venv|generated)/'
        || '|(_pb2(_grpc)?\.pyi?|\.generated\.py|[.-]lock(\.\w+)?|\.min\.js)$'
    )
{%- endmacro %}
