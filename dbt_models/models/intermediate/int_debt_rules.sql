-- minutes that it takes to put one occurrence right, and more for each unit above the limit
select
    rules.rule,
    rules.title,
    rules.measure,
    rules.above,
    rules.minutes,
    rules.minutes_per_unit
from (
    values
    ('complex_function', 'Function of cyclomatic complexity above 10', 'cyclomatic_complexity', 10, 10, 1),
    ('cognitive_function', 'Function of cognitive complexity above 15', 'cognitive_complexity', 15, 5, 1),
    ('long_function', 'Function of more than 60 lines', 'lines', 60, 20, 0),
    ('deep_function', 'Function with blocks nested deeper than 4', 'max_nesting', 4, 10, 0),
    ('many_parameters', 'Function of more than 7 parameters', 'parameters', 7, 20, 0),
    ('security_critical', 'Security finding, critical', null, null, 60, 0),
    ('security_high', 'Security finding, high', null, null, 30, 0),
    ('security_medium', 'Security finding, medium', null, null, 20, 0),
    ('security_low', 'Security finding, low', null, null, 5, 0),
    ('security_info', 'Security finding, for information', null, null, 0, 0),
    ('error', 'Finding that is likely a fault', null, null, 10, 0),
    ('broad_except', 'Handler that catches everything', null, null, 5, 0),
    ('unused', 'Code that nothing uses', null, null, 5, 0),
    ('style', 'Style finding', null, null, 1, 0)
) as rules (rule, title, measure, above, minutes, minutes_per_unit)
