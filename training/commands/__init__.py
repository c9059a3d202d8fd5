"""The subcommands of `python -m training`, one module for each part of a model's way.

TensorFlow, ONNX and the Azure SDK are imported inside the commands that need them: they take
seconds, and --help and most commands do without.
"""

from training.commands import data, evaluation, packaging, publishing, scoring, study, training

MODULES = (data, training, packaging, evaluation, publishing, scoring, study)
"""In the order of a model's way, which is the order of --help."""
