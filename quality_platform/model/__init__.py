"""The vocabulary: frozen types, table contracts, the metric catalogue. No I/O, no clock, no settings."""
