{#-
    SQALE's ratio and rating. Writing a source line anew is taken to cost 30 minutes, SonarQube's default
    development cost; the grid 5, 10, 20, 50 per cent is SonarQube's too.
-#}
{% macro debt_ratio(minutes, source_lines) -%}
    100.0 * {{ minutes }} / nullif(30 * {{ source_lines }}, 0)
{%- endmacro %}

{% macro debt_rating(ratio) -%}
    case
        when {{ ratio }} <= 5 then 'A'
        when {{ ratio }} <= 10 then 'B'
        when {{ ratio }} <= 20 then 'C'
        when {{ ratio }} <= 50 then 'D'
        when {{ ratio }} is not null then 'E'
    end
{%- endmacro %}
