(source_file) @root
[(function_item) (closure_expression)] @function
[(impl_item) (trait_item) (struct_item) (enum_item)] @class
[(if_expression) (for_expression) (while_expression) (loop_expression) (match_arm)] @nest
[(if_expression) (for_expression) (while_expression) (loop_expression) (match_arm) (try_expression)] @branch
(binary_expression operator: ["&&" "||"]) @branch @plain
(match_arm pattern: (match_pattern "_")) @wild
[(if_expression) (for_expression) (while_expression) (loop_expression) (match_expression)] @flow
(else_clause (if_expression) @chained)
(else_clause) @plain
[(binary_expression) (unary_expression) (compound_assignment_expr)] @operator
[(let_declaration) (expression_statement) (function_item) (struct_item) (enum_item) (impl_item) (use_declaration)
 (const_item) (static_item) (mod_item) (macro_definition) (trait_item)] @statement
[(line_comment) (block_comment)] @comment
(ERROR) @error
