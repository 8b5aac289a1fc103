"""Postroom on a laptop: starts the emulator and the stand-ins, deploys the real stack, and shows it at work."""
