"""Model cards: written from measurements, refused where these are missing."""

import json
import shutil
from pathlib import Path

import pytest

from function_app.vision.model_package import PackageError
from tests.conftest import PROJECT
from training.model_card import CARD_FILE, write_card

RESULTS = PROJECT / "results" / "evaluation"
PACKAGES = sorted(path.parent for path in (PROJECT / "models").glob("*/*/manifest.json"))


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_bundled_cards_say_what_was_measured(package: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(package, tmp_path / "package")
    (copy / CARD_FILE).unlink()
    card = write_card(copy, RESULTS).read_text()
    assert card == (package / CARD_FILE).read_text(), "run `python -m training package` again"
    stored = json.loads((RESULTS / f"{package.parent.name}-{package.name}.json").read_text())
    for row in stored["scores"]:
        assert f"**{row['mean_iou']:.3f}**" in card
    for heading in ("Learned from", "Where it fails", "How far to trust", "Limits", "Terms of use"):
        assert f"## {heading}" in card
    assert "Not for driving a car" in card


def test_an_incomplete_package_gets_no_card(package: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(package, tmp_path / "package")
    (copy / CARD_FILE).unlink()
    with pytest.raises(PackageError, match="is not evaluated: run"):
        write_card(copy, tmp_path)
    manifest = json.loads((copy / "manifest.json").read_text())
    del manifest["lineage"]["parity"]
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(PackageError, match="lineage lacks parity"):
        write_card(copy, RESULTS)
    (copy / "model.onnx").write_bytes(b"altered")
    with pytest.raises(PackageError, match="sha256"):
        write_card(copy, RESULTS)
    assert not (copy / CARD_FILE).exists()
