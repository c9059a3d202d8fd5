"""The prediction service that runs in Azure Functions: HTTP in, mask out."""
