(program) @root
[(function_declaration) (generator_function_declaration) (method_definition) (arrow_function) (function_expression)
 (generator_function)] @function
[(class_declaration) (class) (abstract_class_declaration) (interface_declaration)] @class
[(if_statement) (for_statement) (for_in_statement) (while_statement) (do_statement) (catch_clause) (switch_case)] @nest
[(try_statement)] @block
[(if_statement) (for_statement) (for_in_statement) (while_statement) (do_statement) (catch_clause) (switch_case)
 (ternary_expression)] @branch
(binary_expression operator: ["&&" "||" "??"]) @branch @plain
[(if_statement) (for_statement) (for_in_statement) (while_statement) (do_statement) (catch_clause) (switch_statement)
 (ternary_expression)] @flow
(else_clause (if_statement) @chained)
(else_clause) @plain
[(binary_expression) (unary_expression) (update_expression) (augmented_assignment_expression)] @operator
[(expression_statement) (variable_declaration) (lexical_declaration) (return_statement) (throw_statement)
 (break_statement) (continue_statement) (import_statement) (export_statement) (if_statement) (for_statement)
 (for_in_statement) (while_statement) (do_statement) (try_statement) (switch_statement) (switch_case)
 (function_declaration) (generator_function_declaration) (class_declaration) (method_definition)
 (interface_declaration) (type_alias_declaration) (enum_declaration)] @statement
[(comment)] @comment
(ERROR) @error
