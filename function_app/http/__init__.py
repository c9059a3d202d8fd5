"""The HTTP API: routes, problems, parameters, uploads, the contract."""
