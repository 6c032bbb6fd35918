{#-
    A message without what differs from one occurrence to the next: times, addresses, quoted text, paths,
    numbers. The first line, at most 1,000 characters of it. Expressions are RE2, so the cost is linear in
    the message whatever it holds. Order matters: a number inside a path is part of the path.
-#}
{% macro mask_message(message) -%}
    {%- set masks = [
        ('\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d(:\\d\\d([.,]\\d+)?)?( ?(Z|[+-]\\d\\d:?\\d\\d))?', '<time>'),
        ('[A-Za-z][A-Za-z0-9+.-]*://[^\\s"<>]+', '<url>'),
        ('[\\w.+-]+@[\\w-]+(\\.[\\w-]+)+', '<email>'),
        ("(^|[\\s=:,(\\[{<])(\"[^\"]*\"|''[^'']*''|`[^`]*`)", '\\1<text>'),
        ('\\b\\d{1,3}(\\.\\d{1,3}){3}(:\\d+)?\\b', '<address>'),
        ('\\b([0-9A-Fa-f]{1,4}:){3,7}[0-9A-Fa-f]{1,4}\\b', '<address>'),
        ('(^|[\\s=:,(\\[{<])([A-Za-z]:\\\\|~?/|\\.\\.?/)[^\\s:,;()\\[\\]{}<>]+', '\\1<path>'),
        ('\\b(0x[0-9A-Fa-f]+|[0-9A-Fa-f]*(\\d[A-Fa-f]|[A-Fa-f]\\d)[0-9A-Fa-f]*(-[0-9A-Fa-f]+)*)\\b', '<n>'),
        ('[+-]?\\d+([.,:]\\d+)*', '<n>'),
        ('\\b([A-Za-z][\\w.-]*)=[^\\s,;()\\[\\]{}]+', '\\1=<value>'),
        ('<n>([ ,;/.-]*<n>)+', '<n>'),
        ('\\s+', ' '),
    ] -%}
    {%- set ns = namespace(sql="left(regexp_extract(" ~ message ~ ", '[^\\r\\n]+'), 1000)") -%}
    {%- for pattern, replacement in masks -%}
        {%- set ns.sql = "regexp_replace(" ~ ns.sql ~ ", '" ~ pattern ~ "', '" ~ replacement ~ "', 'g')" -%}
    {%- endfor -%}
    trim({{ ns.sql }})
{%- endmacro %}
