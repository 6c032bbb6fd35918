"""The Dagster adapter: assets, checks, schedules, sensors. Thin: it calls the core, nothing else."""
