"""What a project's slow time may come from: its calls and its resources, by five minutes. Read by SQL."""
