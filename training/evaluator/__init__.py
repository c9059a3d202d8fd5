"""Scores of a model package, computed with the service's own segmenter and scores.

`scoring` runs a package over a data set and scores it whole and photo by photo, `robustness` does
so under corruptions, `results` keeps what was measured, `plots` draws it.
"""

from training.evaluator.results import record, store
from training.evaluator.scoring import evaluate
from training.packages import load_package

__all__ = ["evaluate", "load_package", "record", "store"]
