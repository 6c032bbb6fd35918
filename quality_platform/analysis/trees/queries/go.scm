(source_file) @root
[(function_declaration) (method_declaration) (func_literal)] @function
(type_spec type: [(struct_type) (interface_type)]) @class
[(if_statement) (for_statement) (expression_case) (type_case) (communication_case)] @nest
[(if_statement) (for_statement) (expression_case) (type_case) (communication_case)] @branch
(binary_expression operator: ["&&" "||"]) @branch @plain
[(if_statement) (for_statement) (expression_switch_statement) (type_switch_statement) (select_statement)] @flow
(if_statement alternative: (if_statement) @chained)
(if_statement alternative: (block) @plain)
[(binary_expression) (unary_expression) (inc_statement) (dec_statement)] @operator
(statement_list (_) @statement)
[(function_declaration) (method_declaration) (type_declaration) (import_spec) (var_declaration)
 (const_declaration)] @statement
(comment) @comment
(ERROR) @error
