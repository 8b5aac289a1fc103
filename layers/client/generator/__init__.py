"""Makes the typed part of the Python client of the OpenAPI document."""
