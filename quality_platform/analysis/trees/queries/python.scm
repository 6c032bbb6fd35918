; Radon's decision points, so that old Python is counted as new Python is. Guards are @unknown to radon.
(module) @root
(function_definition) @function
(class_definition) @class
[(if_statement) (for_statement) (while_statement) (except_clause) (case_clause)] @nest
[(with_statement) (try_statement)] @block
[(if_statement) (elif_clause) (for_statement) (while_statement) (except_clause) (conditional_expression)] @branch
[(for_in_clause) (if_clause) (assert_statement) (case_clause)] @branch
(case_clause (case_pattern (dotted_name . (identifier) .))) @wild
(case_clause (case_pattern "_")) @wild
(case_clause guard: (if_clause) @unknown)
(for_statement alternative: (else_clause) @branch)
(while_statement alternative: (else_clause) @branch)
(try_statement (else_clause) @branch)
(boolean_operator) @branch @plain
[(if_statement) (for_statement) (while_statement) (except_clause) (conditional_expression) (match_statement)] @flow
[(elif_clause) (else_clause)] @plain
[(decorator) (parameters)] @hidden @unseen
(function_definition return_type: (type) @hidden @unseen)
(assert_statement) @hidden
(class_definition superclasses: (argument_list) @hidden)
[(binary_operator) (boolean_operator) (unary_operator) (not_operator) (comparison_operator) (augmented_assignment)] @operator
[(import_statement) (import_from_statement) (expression_statement) (return_statement) (raise_statement) (pass_statement)] @statement
(ERROR) @error
