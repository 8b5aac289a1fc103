"""What is deployed: one folder for each function, and the adapters of the platforms we publish to."""
