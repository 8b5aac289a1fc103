"""Reads the tables' streams for what customers' endpoints are to be told."""
