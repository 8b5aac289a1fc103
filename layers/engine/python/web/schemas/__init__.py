"""What operations take and answer, as models; their descriptions are the API's documentation."""
