"""Says who a caller is."""
