"""Tells customers' endpoints."""
