"""The bundled model on a CPU that is not here: Haswell, AVX2 without VNNI, emulated by QEMU."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from function_app.vision.photo import decode
from tests.conftest import PROJECT
from training.evaluator import load_package

EMULATOR = shutil.which("qemu-x86_64")
CODE = """
import sys
from pathlib import Path
import numpy as np
from function_app.vision.model_package import Manifest
from function_app.vision.photo import decode
from function_app.vision.segmenter import Segmenter
package, photo, out = map(Path, sys.argv[1:])
manifest = Manifest.from_json((package / "manifest.json").read_bytes())
segmenter = Segmenter((package / "model.onnx").read_bytes(), manifest)
np.save(out, segmenter.segment(decode(photo.read_bytes())).mask)
"""


@pytest.mark.skipif(EMULATOR is None, reason="needs qemu-x86_64 (Debian's qemu-user)")
def test_a_cpu_without_vnni_gives_the_same_mask(
    package: Path, synthetic_scenes: Path, tmp_path: Path
) -> None:
    photo = min(synthetic_scenes.glob("leftImg8bit/val/*/*.png"))
    Image.open(photo).resize((512, 256)).save(tmp_path / "photo.png")
    subprocess.run(
        [str(EMULATOR), "-cpu", "Haswell-v4", sys.executable, "-c", CODE,
         str(package), str(tmp_path / "photo.png"), str(tmp_path / "mask.npy")],
        cwd=PROJECT, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    emulated = np.load(tmp_path / "mask.npy")
    mask = load_package(package).segment(decode((tmp_path / "photo.png").read_bytes())).mask
    assert len(np.unique(mask)) > 4
    assert (emulated == mask).mean() > 0.9999
