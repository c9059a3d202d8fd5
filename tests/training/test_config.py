"""Configurations: the shipped ones are valid, mistakes are named."""

from pathlib import Path

import pytest
import yaml

from tests.conftest import PROJECT
from training.config import ConfigError, read_config

SETS = "name: x\ntrain: [{reader: kitti, path: k}]\nvalidation: [{reader: kitti, path: k}]\n"
SHIPPED = sorted((PROJECT / "training/configs").glob("*.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_configurations_round_trip(path: Path, tmp_path: Path) -> None:
    config = read_config(path)
    stored = tmp_path / "stored.yaml"
    stored.write_text(yaml.safe_dump(config.to_dict()))
    assert read_config(stored) == config


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: x\ntrain: []\nvalidation: []\nlearningrate: 1", "unknown key learningrate"),
        ("train: []\nvalidation: []", "name"),
        ("name: x\nvalidation: []", "train"),
        ("name: x\ntrain: [{redaer: kitti}]\nvalidation: []", "redaer"),
        (SETS + "learning_rate: 1e-3", r"learning_rate is '1e-3'.*write 1\.0e-3"),
        (SETS + "learning_rate: .nan", "learning_rate is nan: expected a finite number"),
        (SETS + "weight_decay: .inf", "weight_decay is inf: expected a finite number"),
        (SETS.replace("path: k}", "path: k, share: .nan}", 1), "share is nan"),
        (SETS + "ema_momentum: 1", "ema_momentum is 1: expected 0 to below 1"),
        (SETS + "workers: 0", "workers is 0: expected a whole number from 1 on"),
        (SETS + "epochs: 0", "epochs is 0: expected a whole number from 1 on"),
        (SETS + "patience: soon", "patience is 'soon'"),
        (SETS + "photos_per_epoch: 4\nbatch_size: 8", "photos_per_epoch is 4: at least a batch"),
        (SETS + "precision: float8", "precision 'float8': choose from auto"),
        (SETS + "category_weights: often", "category_weights 'often'"),
        (SETS.replace("path: k}", "path: k, every: 0}", 1), "every is 0"),
        (SETS.replace("path: k}", "path: k, share: 0}", 1), "k: share is 0"),
        ("name: x\ntrain: []\nvalidation: []", "train and validation must each name a data set"),
        ("- a list", "expected keys and values"),
        ("{", "bad.yaml"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message) as caught:
        read_config(path)
    assert "bad.yaml" in str(caught.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml"):
        read_config(tmp_path / "none.yaml")
