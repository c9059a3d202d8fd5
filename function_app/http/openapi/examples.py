"""Copy-paste examples of the main routes, by operation: curl, Python, JavaScript."""

from typing import Any

ADDRESS = "https://HOST/api"
"""Stands for this service's address; the documentation page puts the real one in."""

_CURL = {
    "predict_photo": """\
curl --fail KEYH--data-binary @street.jpg 'ADDRESS/predict' -o mask.png
curl --fail KEYH--data-binary @street.jpg 'ADDRESS/predict?format=overlay&alpha=0.6' -o overlay.jpg
""",
    "scenes": """\
curl --fail KEYH'ADDRESS/scenes?limit=3'
""",
    "scene_evaluation": """\
curl --fail KEYH'ADDRESS/scenes/SCENE/evaluation'
""",
    "start_batch": """\
curl --fail KEYH-d '{"folder": "val", "outputs": ["evaluation"]}' 'ADDRESS/batches'
""",
}

_PYTHON = {
    "predict_photo": """\
import io
import urllib.request

import numpy as np
from PIL import Image

with open("street.jpg", "rb") as photo:
    request = urllib.request.Request("ADDRESS/predict", photo.read()KEYP)
with urllib.request.urlopen(request) as answer:
    mask = np.asarray(Image.open(io.BytesIO(answer.read())))  # (height, width) of ids 0 to 7
    print(mask.shape, answer.headers["X-Model"])
""",
    "scenes": """\
import json
import urllib.request

request = urllib.request.Request("ADDRESS/scenes?limit=3"KEYP)
with urllib.request.urlopen(request) as answer:
    print([scene["id"] for scene in json.load(answer)["scenes"]])
""",
    "scene_evaluation": """\
import json
import urllib.request

request = urllib.request.Request("ADDRESS/scenes/SCENE/evaluation"KEYP)
with urllib.request.urlopen(request) as answer:
    print(json.load(answer)["official"]["iou"])
""",
    "start_batch": """\
import json
import urllib.request

asked = json.dumps({"folder": "val", "outputs": ["evaluation"]}).encode()
request = urllib.request.Request("ADDRESS/batches", askedKEYP)
with urllib.request.urlopen(request) as answer:
    print("ADDRESS/batches/" + json.load(answer)["id"])
""",
}

_JAVASCRIPT = {
    "predict_photo": """\
import { readFile } from "node:fs/promises"; // in a browser: input.files[0] as body

const body = await readFile("street.jpg");
const answer = await fetch("ADDRESS/predict?format=json&mask=rle", { method: "POST", bodyKEYJ });
if (!answer.ok) throw new Error((await answer.json()).detail);
const { model, categories } = await answer.json();
console.log(model, categories.map(({ name, share }) => `${name} ${share}`));
""",
    "scenes": """\
const answer = await fetch("ADDRESS/scenes?limit=3", {KEYJ });
console.log((await answer.json()).scenes);
""",
    "scene_evaluation": """\
const answer = await fetch("ADDRESS/scenes/SCENE/evaluation", {KEYJ });
console.log((await answer.json()).official.iou);
""",
    "start_batch": """\
const body = JSON.stringify({ folder: "val", outputs: ["evaluation"] });
const answer = await fetch("ADDRESS/batches", { method: "POST", bodyKEYJ });
console.log((await answer.json()).id);
""",
}

_LANGUAGES = (
    ("Shell", "curl", _CURL),
    ("Python", "Python", _PYTHON),
    ("JavaScript", "JavaScript", _JAVASCRIPT),
)

_KEYS = {
    "KEYH": "-H 'x-functions-key: KEY' ",
    "KEYP": ', headers={"x-functions-key": "KEY"}',
    "KEYJ": ', headers: { "x-functions-key": "KEY" }',
}


def samples(operation: str, with_key: bool) -> list[dict[str, Any]]:
    """Return the examples of an operation as Redoc's x-codeSamples; [] where there are none."""
    found = []
    for language, label, sources in _LANGUAGES:
        if operation in sources:
            source = sources[operation].replace("ADDRESS", ADDRESS)
            for mark, text in _KEYS.items():
                source = source.replace(mark, text if with_key else "")
            source = source.replace("{, ", "{ ").replace("{ }", "{}")
            found.append({"lang": language, "label": label, "source": source})
    return found
