"""Damaged photos at scale, sent to the service's own route: python -m bench.fuzz --help."""
