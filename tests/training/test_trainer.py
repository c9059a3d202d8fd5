"""Training on a handful of synthetic scenes: checkpoints, resume, early stop, dry run."""

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.training.tiny import tiny_config
from training.callbacks import BEST, LAST, STATE
from training.config import ConfigError, TrainingConfig, read_config
from training.trainer import CONFIG, CURVES, TENSORBOARD, build_model, dry_run, store_result, train

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def config() -> TrainingConfig:
    return tiny_config()


@pytest.fixture(scope="module")
def finished(
    config: TrainingConfig, synthetic_scenes: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    run = tmp_path_factory.mktemp("run")
    train(config, synthetic_scenes, run)
    return run


def weights(path: Path, config: TrainingConfig) -> list[np.ndarray]:
    model = build_model(config, config.crop_size, pretrained=False)
    model.load_weights(path)
    return [np.asarray(w) for w in model.get_weights()]


def weights_of_a_new_model(config: TrainingConfig) -> list[np.ndarray]:
    model = build_model(config, config.crop_size, pretrained=False)
    return [np.asarray(w) for w in model.get_weights()]


def distance(ours: list[np.ndarray], theirs: list[np.ndarray]) -> float:
    return float(sum(np.abs(a - b).sum() for a, b in zip(ours, theirs, strict=True)))


def test_a_run_leaves_weights_curves_state_and_its_configuration(
    config: TrainingConfig, finished: Path
) -> None:
    state = json.loads((finished / STATE).read_text())
    assert state["epoch"] == 2
    assert 0 <= state["best"] <= 1
    assert read_config(finished / CONFIG) == config
    header, *rows = (finished / CURVES).read_text().splitlines()
    assert {"val_category_iou", "learning_rate"} <= set(header.split(","))
    assert len(rows) == 2
    assert {p.name for p in finished.iterdir()} == {BEST, LAST, STATE, CONFIG, CURVES, TENSORBOARD}


def test_an_interrupted_run_goes_on_where_it_was(
    config: TrainingConfig, finished: Path, synthetic_scenes: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def interrupt(_: object, epoch: int, logs: object = None) -> None:
        if epoch == 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("training.callbacks.Checkpoint.on_epoch_begin", interrupt)
        with pytest.raises(KeyboardInterrupt):
            train(config, synthetic_scenes, tmp_path)
    assert json.loads((tmp_path / STATE).read_text())["epoch"] == 1
    copied = Path(shutil.copy(tmp_path / LAST, tmp_path / "one.weights.h5"))
    train(config, synthetic_scenes, tmp_path)
    after_one = weights(copied, config)
    resumed, straight = weights(tmp_path / LAST, config), weights(finished / LAST, config)
    # Sums over threads come in any order, so the last digits differ; an epoch makes far more.
    assert distance(resumed, straight) < 0.2 * distance(after_one, straight)


def test_a_run_of_another_configuration_is_not_touched(
    config: TrainingConfig, finished: Path, synthetic_scenes: Path
) -> None:
    before = (finished / CONFIG).read_bytes()
    with pytest.raises(ConfigError, match="another configuration"):
        train(dataclasses.replace(config, seed=9), synthetic_scenes, finished)
    assert (finished / CONFIG).read_bytes() == before


def test_a_kill_between_weights_and_state_loses_at_most_an_epoch(
    config: TrainingConfig, finished: Path, synthetic_scenes: Path, tmp_path: Path
) -> None:
    """Weights of an epoch that the state does not know yet wait under another name."""
    run = Path(shutil.copytree(finished, tmp_path / "run"))
    (run / f"epoch-3.{LAST}").write_bytes(b"half")
    shutil.move(run / LAST, run / f"epoch-2.{LAST}")
    train(config, synthetic_scenes, run)
    assert (run / LAST).read_bytes() == (finished / LAST).read_bytes()
    assert not list(run.glob("epoch-*"))


def test_a_mistake_before_the_first_epoch_can_be_put_right(
    config: TrainingConfig, synthetic_scenes: Path, tmp_path: Path
) -> None:
    wrong = dataclasses.replace(config, initial_weights="nowhere.weights.h5")
    with pytest.raises(ConfigError, match="nowhere"):
        train(wrong, synthetic_scenes, tmp_path)
    train(dataclasses.replace(config, epochs=1), synthetic_scenes, tmp_path)
    assert (tmp_path / BEST).exists()


def test_a_finished_run_leaves_a_row(
    config: TrainingConfig, finished: Path, synthetic_scenes: Path, tmp_path: Path
) -> None:
    row = json.loads(store_result(finished, tmp_path).read_text())
    assert (row["run"], row["epochs"], row["started_from"]) == (finished.name, 2, None)
    assert row["config"] == config.to_dict()
    assert [set(epoch) >= {"loss", "val_category_iou"} for epoch in row["curves"]] == [True, True]


def test_training_stops_when_nothing_gets_better(
    config: TrainingConfig, synthetic_scenes: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    impatient = dataclasses.replace(config, epochs=4, patience=1, learning_rate=0.0)
    monkeypatch.setattr("training.callbacks.CategoryIoU.result", lambda _: 0.25)
    train(impatient, synthetic_scenes, tmp_path)
    state = json.loads((tmp_path / STATE).read_text())
    assert (state["epoch"], state["best_epoch"], state["stopped"]) == (2, 1, True)
    train(impatient, synthetic_scenes, tmp_path)
    assert "stopped early after epoch 2" in capsys.readouterr().out
    assert json.loads((tmp_path / STATE).read_text()) == state


def test_a_run_may_start_from_another_s_weights(
    config: TrainingConfig, finished: Path, synthetic_scenes: Path, tmp_path: Path
) -> None:
    start = str(finished / BEST)
    tuned = dataclasses.replace(config, initial_weights=start, learning_rate=0.0, epochs=1)
    train(tuned, synthetic_scenes, tmp_path / "tuned")
    before, after = weights(finished / BEST, config), weights(tmp_path / "tuned" / LAST, config)
    trained = distance(weights(finished / LAST, config), weights_of_a_new_model(config))
    # Without a learning rate only the moving averages of batch normalisation move.
    assert distance(before, after) < 0.5 * trained
    wrong = dataclasses.replace(config, initial_weights="nowhere.weights.h5")
    with pytest.raises(ConfigError, match=r"nowhere\.weights\.h5"):
        train(wrong, synthetic_scenes, tmp_path / "wrong")


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


def test_category_weights_can_be_counted_in_the_data(
    config: TrainingConfig, synthetic_scenes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dry_run(dataclasses.replace(config, category_weights="median_frequency"), synthetic_scenes)
    (line,) = (x for x in capsys.readouterr().out.splitlines() if "weights" in x)
    assert "'human'" in line
