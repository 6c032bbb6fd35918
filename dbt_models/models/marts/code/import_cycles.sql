-- files that cannot be understood, or tested, one without the other
select
    project,
    commit_sha,
    cycle,
    count(distinct path) as files,
    count(*) as imports,
    list_sort(list_distinct(list(path))) as paths,
    list_sort(list(path || ':' || line || ' ' || module)) as edges,
    max(batch_id) as batch_id
from {{ ref('code_imports') }}
where cycle is not null
group by all
order by project asc, cycle asc
