"""What puts a release into a provisioned Azure deployment; the templates are in bicep/."""
