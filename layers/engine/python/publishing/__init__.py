"""The delivery core: what is accepted is delivered to each target once, and its story is told truthfully."""
