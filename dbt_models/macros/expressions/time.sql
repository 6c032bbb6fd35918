{#-
    Buckets of time in UTC, whatever time zone the reader's session has. On whole numbers, because DuckDB's
    own functions on TIMESTAMPTZ follow the session and are slower.
-#}

{#- The hour that `instant` lies in, as its first instant. -#}
{% macro utc_hour(instant) -%}
    to_timestamp(epoch_us({{ instant }}) // 3600000000 * 3600)
{%- endmacro %}

{#- The day that `instant` lies in, as a date. -#}
{% macro utc_day(instant) -%}
    cast(make_timestamp(epoch_us({{ instant }})) as date)
{%- endmacro %}

{#- The first instant of the date `day`. -#}
{% macro utc_instant(day) -%}
    to_timestamp(epoch({{ day }}))
{%- endmacro %}
