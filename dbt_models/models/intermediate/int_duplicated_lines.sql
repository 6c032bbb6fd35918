-- a line in several blocks is duplicated once
with lines as (

    select distinct
        project,
        commit_sha,
        path,
        kind,
        unnest(generate_series(start_line, end_line)) as line
    from {{ ref('stg_code_duplicates') }}

)

select
    project,
    commit_sha,
    path,
    count(distinct line) filter (kind = 'exact') as duplicated_lines,
    count(distinct line) as similar_lines
from lines
group by all
