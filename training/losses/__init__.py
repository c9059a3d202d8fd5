"""Losses on logits and labelIds: terms, and their sum as a configuration names it."""

from training.losses.weighted_sum import TERMS, WeightedSum, build_loss

__all__ = ["TERMS", "WeightedSum", "build_loss"]
