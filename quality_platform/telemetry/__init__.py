"""What the platform says about itself: its own structured log and its own usage events, read like anyone's."""
