"""Sends on what schedules bring back."""
