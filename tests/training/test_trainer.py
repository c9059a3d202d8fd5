"""Training on a handful of synthetic scenes: checkpoints, resume, early stop, dry run."""

import csv
import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tests.training.tiny import tiny_config
from training import trainer
from training.config import TrainingConfig, read_config
from training.data.generator import TrainingBatches
from training.errors import ConfigError
from training.lineage import code_version
from training.runs import (
    BEST,
    CHECKPOINTS,
    CONFIG,
    CURVES,
    TENSORBOARD,
    last_weights,
    read_state,
    store_result,
)
from training.trainer import build_model, dry_run, train

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def config() -> TrainingConfig:
    return tiny_config()


@pytest.fixture(scope="module")
def loaded() -> list[tuple[int, int]]:
    """Epoch and number of the batches that the run of `finished` took."""
    return []


@pytest.fixture(scope="module")
def finished(
    config: TrainingConfig, synthetic_scenes: Path, tmp_path_factory: pytest.TempPathFactory,
    loaded: list[tuple[int, int]],
) -> Path:  # fmt: skip
    run, take = tmp_path_factory.mktemp("run"), TrainingBatches.__getitem__

    def note(batches: TrainingBatches, index: int) -> Any:
        loaded.append((batches.epoch, index))
        return take(batches, index)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrainingBatches, "__getitem__", note)
        train(config, synthetic_scenes, run)
    return run


def weights(path: Path | None, config: TrainingConfig) -> list[np.ndarray]:
    """Those of a file, or without one a new network's."""
    model = build_model(config, config.crop_size, pretrained=False)
    if path:
        model.load_weights(path)
    return [np.asarray(w) for w in model.get_weights()]


def distance(ours: list[np.ndarray], theirs: list[np.ndarray]) -> float:
    return float(sum(np.abs(a - b).sum() for a, b in zip(ours, theirs, strict=True)))


def test_a_run_leaves_weights_curves_state_and_its_configuration(
    config: TrainingConfig, finished: Path, tmp_path: Path
) -> None:
    state = read_state(finished)
    assert (state["epoch"], state["stopped"]) == (2, False)
    assert state["git_commits"] == [code_version()]
    assert read_config(finished / CONFIG) == config
    with (finished / CURVES).open() as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    assert [row["epoch"] for row in rows] == [0, 1]
    scores = [row["val_category_iou"] for row in rows]
    assert scores == [row["val_._val"] for row in rows], "the mean over one set"
    assert state["best"] == pytest.approx(max(scores))
    assert state["best_epoch"] == 1 + int(np.argmax(scores))
    # Two steps an epoch, a warm-up of one, a cosine to zero over all four: rates of steps 2 and 4.
    assert [row["learning_rate"] for row in rows] == pytest.approx([0.5e-3, 0.0])
    assert {p.name for p in finished.iterdir()} == {BEST, CHECKPOINTS, CONFIG, CURVES, TENSORBOARD}
    row = json.loads(store_result(finished, tmp_path).read_text())
    assert (row["run"], row["epochs"], row["started_from"]) == (finished.name, 2, None)
    assert row["config"] == config.to_dict()
    assert row["curves"] == rows


def test_every_epoch_is_trained_once_in_its_own_order(
    finished: Path, loaded: list[tuple[int, int]]
) -> None:
    assert set(loaded) == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_the_best_weights_are_those_of_the_best_epoch(
    config: TrainingConfig, synthetic_scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = iter([0.2, 0.6, 0.5])
    monkeypatch.setattr("keras.Model.evaluate", lambda *_, **__: {"category_iou": next(scores)})
    kept = {}
    save = trainer.save_checkpoint

    def note(run: Path, *more: Any) -> None:
        save(run, *more)
        kept[read_state(run)["epoch"]] = last_weights(run).read_bytes()

    monkeypatch.setattr(trainer, "save_checkpoint", note)
    train(dataclasses.replace(config, epochs=3), synthetic_scenes, tmp_path)
    state = read_state(tmp_path)
    assert (state["best"], state["best_epoch"]) == (0.6, 2)
    best = weights(tmp_path / BEST, config)
    for epoch, data in kept.items():
        path = tmp_path / f"{epoch}.weights.h5"
        path.write_bytes(data)
        assert (distance(best, weights(path, config)) == 0) == (epoch == 2)


def test_an_interrupted_run_goes_on_where_it_was(
    config: TrainingConfig, finished: Path, synthetic_scenes: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    save = trainer.save_checkpoint

    def killed(run: Path, model: Any, average: Any, state: dict[str, Any]) -> None:
        """Saves the first epoch, and is killed while it writes the second."""
        if state["epoch"] == 2:
            (run / CHECKPOINTS / "new-00002").mkdir()
            raise KeyboardInterrupt
        save(run, model, average, state)

    with monkeypatch.context() as patch:
        patch.setattr(trainer, "save_checkpoint", killed)
        with pytest.raises(KeyboardInterrupt):
            train(config, synthetic_scenes, tmp_path)
    assert read_state(tmp_path)["epoch"] == 1
    copied = Path(shutil.copy(last_weights(tmp_path), tmp_path / "one.weights.h5"))
    train(config, synthetic_scenes, tmp_path)
    after_one = weights(copied, config)
    resumed, straight = (weights(last_weights(run), config) for run in (tmp_path, finished))
    # Sums over threads come in any order, so the last digits differ; an epoch makes far more.
    assert distance(resumed, straight) < 0.2 * distance(after_one, straight)
    assert [path.name for path in (tmp_path / CHECKPOINTS).iterdir()] == ["epoch-00002"]


def test_a_run_may_be_prolonged_until_its_decay_begins(
    config: TrainingConfig, finished: Path, synthetic_scenes: Path, tmp_path: Path
) -> None:
    constant = dataclasses.replace(config, epochs=1, decay_epochs=0)
    train(constant, synthetic_scenes, tmp_path)
    train(dataclasses.replace(constant, epochs=2), synthetic_scenes, tmp_path)
    assert read_state(tmp_path)["epoch"] == 2
    with pytest.raises(ConfigError, match=r"another configuration \(epochs\)"):
        train(dataclasses.replace(config, epochs=3), synthetic_scenes, finished)


def test_a_run_of_another_configuration_is_not_touched(
    config: TrainingConfig, finished: Path, synthetic_scenes: Path
) -> None:
    before = (finished / CONFIG).read_bytes()
    with pytest.raises(ConfigError, match=r"another configuration \(seed\)"):
        train(dataclasses.replace(config, seed=9), synthetic_scenes, finished)
    assert (finished / CONFIG).read_bytes() == before


def test_training_stops_when_nothing_gets_better(
    config: TrainingConfig, synthetic_scenes: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    impatient = dataclasses.replace(config, epochs=4, patience=1, learning_rate=0.0)
    monkeypatch.setattr("training.trainer.CategoryIoU.result", lambda _: 0.25)
    train(impatient, synthetic_scenes, tmp_path)
    state = read_state(tmp_path)
    assert (state["epoch"], state["best_epoch"], state["stopped"]) == (2, 1, True)
    train(impatient, synthetic_scenes, tmp_path)
    assert "stopped early after epoch 2" in capsys.readouterr().out
    assert read_state(tmp_path) == state


def test_a_run_may_start_from_another_s_weights(
    config: TrainingConfig, finished: Path, synthetic_scenes: Path, tmp_path: Path
) -> None:
    # A mistake before the first epoch can be put right.
    wrong = dataclasses.replace(config, initial_weights="nowhere.weights.h5")
    with pytest.raises(ConfigError, match=r"nowhere\.weights\.h5"):
        train(wrong, synthetic_scenes, tmp_path / "tuned")
    start = str(finished / BEST)
    tuned = dataclasses.replace(config, initial_weights=start, learning_rate=0.0, epochs=1)
    train(tuned, synthetic_scenes, tmp_path / "tuned")
    before = weights(finished / BEST, config)
    after = weights(last_weights(tmp_path / "tuned"), config)
    trained = distance(weights(last_weights(finished), config), weights(None, config))
    # Without a learning rate only the moving averages of batch normalisation move.
    assert distance(before, after) < 0.5 * trained


def test_a_dry_run_says_what_it_would_do_and_writes_nothing(
    config: TrainingConfig, synthetic_scenes: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    dry_run(config, synthetic_scenes)
    said = capsys.readouterr().out
    assert ". val: 6 photos, 100% of each epoch" in said
    assert "2 epochs of 2 steps of 2: 4 steps at" in said
    assert list(tmp_path.iterdir()) == []


def test_a_run_s_precision_is_its_own(
    config: TrainingConfig, synthetic_scenes: Path, tmp_path: Path
) -> None:
    """What is built after it in the same process, an export for one, is float32."""
    run = dataclasses.replace(config, precision="mixed_bfloat16", epochs=1)
    train(run, synthetic_scenes, tmp_path)
    assert keras.config.dtype_policy().name == "float32"
    model = build_model(config, config.crop_size, pretrained=False)
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}


def test_category_weights_can_be_counted_in_the_data(
    config: TrainingConfig, synthetic_scenes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dry_run(dataclasses.replace(config, category_weights="median_frequency"), synthetic_scenes)
    (line,) = (x for x in capsys.readouterr().out.splitlines() if "weights" in x)
    assert "'human'" in line
