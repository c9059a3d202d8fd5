"""Configurations: the shipped ones are valid, mistakes are named."""

from pathlib import Path

import pytest
import yaml

from tests.conftest import PROJECT
from training.config import read_config
from training.errors import ConfigError

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
        (SETS + "learningrate: 1", "unknown key learningrate"),
        ("train: []\nvalidation: []", "name: Field required"),
        ("name: x\nvalidation: []", "train: Field required"),
        ("name: x\ntrain: [{redaer: kitti}]\nvalidation: []", r"unknown key train\.0\.redaer"),
        (SETS + "learning_rate: 1e-3", r"learning_rate is '1e-3'.*write 1\.0e-3"),
        (SETS + "learning_rate: .nan", "learning_rate is nan: .*finite"),
        (SETS + "weight_decay: .inf", "weight_decay is inf: .*finite"),
        (SETS.replace("path: k}", "path: k, share: .nan}", 1), r"train\.0\.share is nan"),
        (SETS + "encoder_rate: -0.1", "encoder_rate is -0.1: .*greater than or equal to 0"),
        (SETS + "ema_momentum: 1", "ema_momentum is 1: .*less than 1"),
        (SETS + "workers: 0", "workers is 0: .*greater than or equal to 1"),
        (SETS + "epochs: 2.0", "epochs is 2.0: .*integer"),
        (SETS + "batch_size: true", "batch_size is True: .*integer"),
        (SETS + "patience: soon", "patience is 'soon'"),
        (SETS + "crop_size: [64]", r"crop_size\.1: Field required"),
        (SETS + "photos_per_epoch: 4\nbatch_size: 8", "photos_per_epoch is 4: at least a batch"),
        (SETS + "precision: float8", "precision is 'float8': .*'auto', 'float32'"),
        (SETS + "category_weights: often", "category_weights.* is 'often'"),
        (SETS + "category_weights: {human: .inf}", "human is inf"),
        (SETS + "loss: {dice: much}", "loss.dice is 'much'"),
        (SETS + "loss: {dice: true}", "loss.dice is True"),
        (SETS + "loss: {dice: -0.5}", "loss.dice is -0.5"),
        (SETS + "augmentation: {camera: blur}", r"augmentation\.camera.* is 'blur'"),
        (SETS + "augmentation: true", "augmentation is True"),
        (SETS.replace("path: k}", "path: k, every: 0}", 1), r"train\.0\.every is 0"),
        (SETS.replace("path: k}", "path: k, share: 0}", 1), r"train\.0\.share is 0"),
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
