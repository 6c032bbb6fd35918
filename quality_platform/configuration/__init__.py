"""Configuration as code: reading `quality.yaml`, saying where it is wrong, and what applies without it."""

FILE_NAME = "quality.yaml"
