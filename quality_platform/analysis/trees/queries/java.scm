(program) @root
[(method_declaration) (constructor_declaration) (compact_constructor_declaration) (lambda_expression)] @function
[(class_declaration) (interface_declaration) (enum_declaration) (record_declaration)] @class
[(if_statement) (for_statement) (enhanced_for_statement) (while_statement) (do_statement) (catch_clause)
 (switch_label)] @nest
[(try_statement) (try_with_resources_statement)] @block
[(if_statement) (for_statement) (enhanced_for_statement) (while_statement) (do_statement) (catch_clause)
 (ternary_expression)] @branch
(switch_label (_)) @branch
(binary_expression operator: ["&&" "||"]) @branch @plain
[(if_statement) (for_statement) (enhanced_for_statement) (while_statement) (do_statement) (catch_clause)
 (switch_expression) (ternary_expression)] @flow
(if_statement alternative: (if_statement) @chained)
(if_statement alternative: (block) @plain)
[(binary_expression) (unary_expression) (update_expression)] @operator
[(expression_statement) (local_variable_declaration) (return_statement) (throw_statement) (break_statement)
 (continue_statement) (if_statement) (for_statement) (enhanced_for_statement) (while_statement) (do_statement)
 (try_statement) (try_with_resources_statement) (switch_expression) (method_declaration) (constructor_declaration)
 (class_declaration) (interface_declaration) (enum_declaration) (record_declaration) (field_declaration)
 (import_declaration) (package_declaration)] @statement
[(line_comment) (block_comment)] @comment
(ERROR) @error
