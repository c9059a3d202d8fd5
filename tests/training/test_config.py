"""Configurations: the shipped ones are valid, mistakes are named."""

from pathlib import Path

import pytest
import yaml

from tests.conftest import PROJECT
from training.config import ConfigError, read_config

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
