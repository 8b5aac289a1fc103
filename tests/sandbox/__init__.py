"""A stand-in for third-party platforms over real HTTP on loopback, made from their documentation.

It is none of those platforms and never talks to them; every answer says so in the header `X-Stand-In`.
"""
