-- the packs, as data: a control is kept where nothing open has one of its weaknesses (numbers of CWE)
select
    controls.pack,
    controls.control,
    controls.title,
    controls.weaknesses
from (
    values
    -- OWASP Top 10, 2021, with the weaknesses that its pages map (https://owasp.org/Top10/2021/)
    (
        'owasp-top-10-2021',
        'A01',
        'Broken access control',
        [22, 23, 59, 200, 275, 276, 284, 352, 377, 425, 601, 862, 863]
    ),
    (
        'owasp-top-10-2021',
        'A02',
        'Cryptographic failures',
        [310, 319, 321, 326, 327, 328, 330, 331, 338, 347, 760, 916]
    ),
    (
        'owasp-top-10-2021',
        'A03',
        'Injection',
        [20, 74, 77, 78, 79, 80, 88, 89, 90, 91, 94, 95, 113, 116, 643, 917]
    ),
    ('owasp-top-10-2021', 'A04', 'Insecure design', [209, 256, 269, 434, 501, 522, 598, 642, 799]),
    ('owasp-top-10-2021', 'A05', 'Security misconfiguration', [16, 260, 315, 547, 611, 614, 776, 942, 1004]),
    ('owasp-top-10-2021', 'A06', 'Vulnerable and outdated components', [937, 1035, 1104]),
    (
        'owasp-top-10-2021',
        'A07',
        'Identification and authentication failures',
        [255, 259, 287, 295, 297, 306, 307, 384, 521, 613, 798]
    ),
    (
        'owasp-top-10-2021',
        'A08',
        'Software and data integrity failures',
        [345, 353, 426, 494, 502, 565, 829, 915]
    ),
    ('owasp-top-10-2021', 'A09', 'Security logging and monitoring failures', [117, 223, 532, 778]),
    ('owasp-top-10-2021', 'A10', 'Server-side request forgery', [918]),
    -- CWE Top 25, 2024 (https://cwe.mitre.org/top25/archive/2024/2024_cwe_top25.html)
    ('cwe-top-25-2024', 'CWE-79', 'Cross-site scripting', [79]),
    ('cwe-top-25-2024', 'CWE-787', 'Out-of-bounds write', [787]),
    ('cwe-top-25-2024', 'CWE-89', 'SQL injection', [89]),
    ('cwe-top-25-2024', 'CWE-352', 'Cross-site request forgery', [352]),
    ('cwe-top-25-2024', 'CWE-22', 'Path traversal', [22]),
    ('cwe-top-25-2024', 'CWE-125', 'Out-of-bounds read', [125]),
    ('cwe-top-25-2024', 'CWE-78', 'Command injection in the operating system', [78]),
    ('cwe-top-25-2024', 'CWE-416', 'Use after free', [416]),
    ('cwe-top-25-2024', 'CWE-862', 'Missing authorization', [862]),
    ('cwe-top-25-2024', 'CWE-434', 'Unrestricted upload', [434]),
    ('cwe-top-25-2024', 'CWE-94', 'Code injection', [94]),
    ('cwe-top-25-2024', 'CWE-20', 'Improper input validation', [20]),
    ('cwe-top-25-2024', 'CWE-77', 'Command injection', [77]),
    ('cwe-top-25-2024', 'CWE-287', 'Improper authentication', [287]),
    ('cwe-top-25-2024', 'CWE-269', 'Improper privilege management', [269]),
    ('cwe-top-25-2024', 'CWE-502', 'Deserialization of untrusted data', [502]),
    ('cwe-top-25-2024', 'CWE-200', 'Exposure of sensitive information', [200]),
    ('cwe-top-25-2024', 'CWE-863', 'Incorrect authorization', [863]),
    ('cwe-top-25-2024', 'CWE-918', 'Server-side request forgery', [918]),
    ('cwe-top-25-2024', 'CWE-119', 'Operations outside a buffer', [119]),
    ('cwe-top-25-2024', 'CWE-476', 'Null pointer dereference', [476]),
    ('cwe-top-25-2024', 'CWE-798', 'Hard-coded credentials', [798, 259]),
    ('cwe-top-25-2024', 'CWE-190', 'Integer overflow', [190]),
    ('cwe-top-25-2024', 'CWE-400', 'Uncontrolled resource consumption', [400]),
    ('cwe-top-25-2024', 'CWE-306', 'Missing authentication', [306]),
    -- this project's own
    ('hygiene', 'H1', 'No secret in the tree', [798]),
    ('hygiene', 'H2', 'No pinned version with a published vulnerability', [1035]),
    ('hygiene', 'H3', 'Every pinned package under an allowed licence', [0])
) as controls (pack, control, title, weaknesses)
