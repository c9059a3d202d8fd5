"""Every score in the README is the one stored under results/."""

import json
import re

from tests.conftest import PROJECT


def test_scores_are_those_of_the_stored_evaluation() -> None:
    text = (PROJECT / "README.md").read_text()
    rows = re.findall(
        r"^\| (\w+) \| val, (\d+) photos \| `([\w.-]+):([\d.]+)` \| (0\.\d{3}) \| (0\.\d{3}) \|",
        text,
        re.M,
    )
    assert {row[0] for row in rows} == {"cityscapes_256", "camvid", "kitti"}
    for data, photos, name, version, official, with_void in rows:
        stored = json.loads((PROJECT / f"results/evaluation/{name}-{version}.json").read_text())
        scores = {r["protocol"]: r for r in stored["scores"] if r["data"] == data}
        assert int(photos) == scores["official"]["photos"]
        assert official == f"{scores['official']['mean_iou']:.3f}"
        assert with_void == f"{scores['with_void']['mean_iou']:.3f}"
        manifest = json.loads((PROJECT / f"models/{name}/{version}/manifest.json").read_text())
        assert any(m["mean_iou"] == scores["official"]["mean_iou"] for m in manifest["metrics"])
