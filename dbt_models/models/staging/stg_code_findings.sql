-- What a tool found is what it found when it last looked. Our own findings say that somebody could not, and
-- stand beside every look of that batch; of these alone there may be two of a place. A window over all two
-- million findings of six whole histories would not fit into a gigabyte.
with looks as (

    select * from {{ ref('stg_code_analyses') }}

),

batches as (

    select distinct
        project,
        blob_id,
        batch_id
    from looks

),

found as (

    select findings.*
    from {{ source('raw', 'code_findings') }} as findings
    inner join looks
        on
            findings.project = looks.project
            and findings.blob_id = looks.blob_id
            and findings.batch_id = looks.batch_id
            and findings.tool = looks.tool
    union all
    (
        select findings.*
        from {{ source('raw', 'code_findings') }} as findings
        inner join batches
            on
                findings.project = batches.project
                and findings.blob_id = batches.blob_id
                and findings.batch_id = batches.batch_id
        where findings.tool = 'quality_platform'
        qualify
            row_number() over (
                partition by
                    findings.project, findings.blob_id, findings.rule, findings.line, findings.column_number
                order by findings.ingested_at desc, findings.batch_id desc
            ) = 1
    )

)

select
    project,
    blob_id,
    tool,
    rule,
    title,
    category,
    severity,
    confidence,
    cwe,
    line,
    end_line,
    column_number,
    message,
    snippet_hash,
    source_id,
    batch_id,
    ingested_at
from found
