"""Licence-clean synthetic street scenes with exact masks in Cityscapes label ids.

`render` draws one scene from a seed; `write_dataset` fills a folder in the Cityscapes layout
(`scene_files`).
"""

from synthetic.dataset import scene_files, write_dataset
from synthetic.scene import render

__all__ = ["render", "scene_files", "write_dataset"]
