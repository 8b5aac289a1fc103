"""Feature flags: what operators switch without deploying code."""
