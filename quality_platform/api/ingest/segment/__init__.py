"""Segment: the tracking calls of its clients, in batches and single."""
