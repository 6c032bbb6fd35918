"""The SQL half in Dagster: where the dbt project is, how it runs in-process, which assets it is."""
