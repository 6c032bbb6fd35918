with files as (

    select * from {{ ref('code_file_metrics') }}

),

debt as (

    select * from {{ ref('int_debt') }}

),

commits as (

    select * from {{ ref('code_quality_by_commit') }}

)

select
    files.project,
    files.commit_sha,
    files.path,
    debt.rule,
    debt.title,
    debt.occurrences,
    debt.minutes,
    files.debt_minutes as file_minutes,
    {{ debt_ratio('files.debt_minutes', 'files.source_lines') }} as file_ratio,
    {{ debt_rating(debt_ratio('files.debt_minutes', 'files.source_lines')) }} as file_rating,
    commits.debt_minutes as project_minutes,
    commits.debt_ratio as project_ratio,
    commits.debt_rating as project_rating,
    files.batch_id
from files
inner join debt on files.project = debt.project and files.blob_id = debt.blob_id
inner join commits on files.project = commits.project and files.commit_sha = commits.commit_sha
where debt.minutes > 0
order by files.project asc, debt.minutes desc, files.path asc
