"""Status webhooks: customers' endpoints are told of all that happens, signed, in order where possible, and again."""
