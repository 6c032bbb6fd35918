"""quality_platform: knows how your software is doing, and tells you before your users notice."""

__version__ = "0.1.0"
