"""The parts that metrics are made of, by dimension: SQL that gives each part's share of each observation."""
