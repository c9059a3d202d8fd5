"""Blob Storage under one deadline, and the stores of models, scenes and predictions."""
