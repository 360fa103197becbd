"""What lots cost, after the run: what they used of each item, and what one of it costs."""
