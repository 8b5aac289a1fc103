"""Who is calling, for which workspace, and what they may do: roles, API keys and an issuer's tokens."""
