"""Makes publications of the occurrences of series."""
