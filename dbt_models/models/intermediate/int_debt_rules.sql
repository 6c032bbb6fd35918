-- minutes that it takes to put one occurrence right, and more for each unit above the limit
select
    rules.rule,
    rules.title,
    rules.above,
    rules.minutes,
    rules.minutes_per_unit
from (
    values
    ('complex_function', 'Function of cyclomatic complexity above 10', 10, 10, 1),
    ('long_function', 'Function of more than 60 lines', 60, 20, 0),
    ('security_critical', 'Security finding, critical', null, 60, 0),
    ('security_high', 'Security finding, high', null, 30, 0),
    ('security_medium', 'Security finding, medium', null, 20, 0),
    ('security_low', 'Security finding, low', null, 5, 0),
    ('security_info', 'Security finding, for information', null, 0, 0),
    ('error', 'Finding that is likely a fault', null, 10, 0),
    ('style', 'Style finding', null, 1, 0)
) as rules (rule, title, above, minutes, minutes_per_unit)
