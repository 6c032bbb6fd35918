"""The way from a source to the lake: find the tasks, collect, check every batch, store it exactly once."""
