"""Connected destinations: what a workspace publishes to, and the vault their credentials lie in."""
