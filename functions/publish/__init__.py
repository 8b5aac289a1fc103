"""Drains one platform's queues."""
