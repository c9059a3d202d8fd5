"""From an encoder's features to logits at input size."""
