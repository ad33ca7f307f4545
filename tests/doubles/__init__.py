"""Servers that stand in for a vendor: real HTTP on loopback, the documented protocol, faults on demand."""
