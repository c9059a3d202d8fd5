"""Photo in, mask out: knows neither HTTP nor storage. Training, bench and notebooks build on it."""
