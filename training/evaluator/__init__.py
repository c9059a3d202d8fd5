"""Scores of a model package, computed with the very code that serves it.

`scoring` runs a package over a data set and scores it whole and photo by photo, `robustness` does
so under corruptions, `results` keeps what was measured, `plots` draws it.
"""

from training.evaluator.package import load_package, record
from training.evaluator.results import store
from training.evaluator.scoring import evaluate

__all__ = ["evaluate", "load_package", "record", "store"]
