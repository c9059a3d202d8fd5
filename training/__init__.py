"""Offline work: data, training, evaluation, export and publishing of models."""
