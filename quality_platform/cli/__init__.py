"""The command line. One file a verb; quick verbs import neither Dagster nor dbt and answer in under 0.7 s."""
