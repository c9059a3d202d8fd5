# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # From street scenes to a mask over HTTP
#
# The whole way of a model in this project, from top to bottom: look at data, train, export, score,
# quantise, publish, serve, ask. Every step calls the functions that the commands of the project
# call (`python -m training`, `python -m local`).
#
# It runs anywhere, without an account, a GPU or a download of photos: the data are drawn by the
# project itself. That makes it a tour, not a result:
#
# - **What it can show:** that the parts fit together. The exported graph gives the masks of the
#   trained network, the service gives the masks that were scored, 8 bits give nearly the masks of
#   32, and a published version is what callers get.
# - **What it cannot show:** how good a model is on real streets. A few dozen drawn scenes at low
#   resolution teach little, and streets drawn by one program resemble each other more than real
#   ones do. Measured results are in the README and in `results/`.
#
# `notebooks/pipeline.py` is the source of this notebook; `python notebooks/run.py` executes it.

# %% [markdown]
# ## Parameters
#
# `DATA_ROOT` is the one switch: `None` draws synthetic scenes, a path takes as many scenes from a
# copy of Cityscapes (the folder that holds `leftImg8bit/` and `gtFine/`).

# %% tags=["parameters"]
DATA_ROOT = None
TRAIN_SCENES, VAL_SCENES = 40, 40
EPOCHS = 4
SEED = 1

# %% [markdown]
# ## A place to work
#
# Everything is written to a temporary folder. Servers and files are entered on one `ExitStack`,
# which the last cell closes; if a cell fails before, the end of the process closes it.

# %% tags=["setup"]
import atexit
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

PROJECT = next(f for f in (Path.cwd(), *Path.cwd().parents) if (f / "host.json").exists())
sys.path[:0] = [str(PROJECT), str(PROJECT / "frontend")]
os.environ |= {
    "PYTHONPATH": str(PROJECT),  # for the process of the service
    "NO_PROXY": f"{os.environ.get('NO_PROXY', '')},127.0.0.1",  # where the servers are
    "TQDM_DISABLE": "1",
    "ORT_DISABLE_TELEMETRY": "1",
}

cleanup = ExitStack()
atexit.register(cleanup.close)
WORK = Path(cleanup.enter_context(tempfile.TemporaryDirectory()))
DATA = Path(DATA_ROOT).resolve() if DATA_ROOT else Path("data/synthetic")
cleanup.callback(os.chdir, PROJECT)
os.chdir(WORK)

# %%
import json
from statistics import median

import keras
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Image, Markdown, display
from matplotlib_inline.backend_inline import set_matplotlib_formats

keras.utils.disable_interactive_logging()  # no progress bars
set_matplotlib_formats("jpeg", pil_kwargs={"quality": 88})


def show(rows, titles, width=9):
    """Draw rows of pictures, with a title above each column."""
    height, across = rows[0][0].shape[:2]
    size = (width, width / len(titles) * height / across * len(rows) + 0.3 * any(titles))
    figure, axes = plt.subplots(
        len(rows), len(titles), figsize=size, squeeze=False, layout="constrained"
    )
    for axis, picture in zip(axes.flat, (p for row in rows for p in row), strict=True):
        axis.imshow(picture, interpolation="nearest")
        axis.set_axis_off()
    for axis, title in zip(axes[0], titles, strict=True):
        axis.set_title(title or None, fontsize=9)
    plt.show()


def table(head, rows):
    """Show a table."""
    lines = [head, ["---"] * len(head), *rows]
    display(Markdown("\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)))


# %% [markdown]
# ## The categories
#
# Cityscapes has 34 labels in 8 categories. A mask of the service holds the ids of the categories.
# The official score ignores some labels wherever they are, and void altogether.

# %%
from function_app.vision.categories import CATEGORIES, LABELS

table(
    ("id", "category", "labels that are scored", "labels that are not"),
    [
        (
            category.id,
            category.name,
            ", ".join(l.name for l in LABELS if l.category == category.name and l.evaluated),
            ", ".join(l.name for l in LABELS if l.category == category.name and not l.evaluated),
        )
        for category in CATEGORIES
    ],
)

# %% [markdown]
# ## The data
#
# A scene is a photo and a mask of labels, in the folders of Cityscapes. `DataConfig` says which
# scenes of a data set are taken; here every n-th, so that the wanted number is left.

# %%
from training.config import DataConfig
from training.data.listing import read_scenes
from synthetic import write_dataset

if not DATA_ROOT:
    write_dataset(DATA, TRAIN_SCENES, "train", seed=10_000, size=(512, 256))
    write_dataset(DATA, VAL_SCENES, "val", seed=0, size=(512, 256))


def part(split, count):
    """Take about `count` scenes of a split."""
    found = len(read_scenes(DataConfig("cityscapes", DATA.name, split), DATA.parent))
    return DataConfig("cityscapes", DATA.name, split, every=max(1, found // count))


TRAIN, VAL = part("train", TRAIN_SCENES), part("val", VAL_SCENES)
train_scenes, val_scenes = read_scenes(TRAIN, DATA.parent), read_scenes(VAL, DATA.parent)
print(f"{len(train_scenes)} scenes to learn from, {len(val_scenes)} to score")

# %%
from function_app.vision.categories import LABEL_TO_CATEGORY
from function_app.vision.photo import colorize

pictures = []
for scene in train_scenes[:3]:
    photo, labels = scene.load()
    pictures.append((photo, colorize(LABEL_TO_CATEGORY[labels])))
show(list(zip(*pictures, strict=True)), ["", "", ""])

# %% [markdown]
# The categories are far from equally frequent. People, signs and poles cover few pixels, and a
# network that ignored them would still be right nearly everywhere. This is why the score is the
# mean of one IoU for each category, and why rare categories weigh more in the loss. Median
# frequency balancing says how much it takes to make up for the difference. In full it makes the
# network see people everywhere, so the run below takes the square root.

# %%
from training.data.frequencies import median_frequency_weights

counts = np.zeros(256, int)
for scene in train_scenes:
    counts += np.bincount(LABEL_TO_CATEGORY[scene.load()[1]].ravel(), minlength=256)
shares = counts[: len(CATEGORIES)] / counts[: len(CATEGORIES)].sum()

names = [category.name for category in CATEGORIES]
colors = [np.array(category.color) / 255 for category in CATEGORIES]
_, axis = plt.subplots(figsize=(6, 2.4), layout="constrained")
bars = axis.barh(names, 100 * shares, color=colors)
axis.bar_label(bars, [f"{100 * share:.1f} %" for share in shares], padding=3, fontsize=8)
axis.invert_yaxis()
axis.set_xlabel("share of the training pixels, %")
axis.spines[["top", "right"]].set_visible(False)
plt.show()

weights = median_frequency_weights(train_scenes, progress=False)
print("median frequency balancing:", {name: round(weight, 1) for name, weight in weights.items()})

# %% [markdown]
# ## The generator and the augmentation
#
# One `TrainingConfig` describes a run, as a file in `training/configs` does. This one is small: an
# EfficientNet-Lite0 encoder with ImageNet weights (they come in a Python package) under an LR-ASPP
# head, on photos of 384x192, of which training sees views of 128x128.

# %%
from training.config import TrainingConfig

config = TrainingConfig(
    name="notebook",
    architecture="lite0_lraspp",
    train=(TRAIN,),
    validation=(VAL,),
    input_size=(192, 384),
    crop_size=(128, 128),
    batch_size=4,
    photos_per_epoch=384,
    epochs=EPOCHS,
    learning_rate=2e-3,
    warmup_steps=20,
    loss={"cross_entropy": 1.0, "dice": 0.5},
    category_weights={name: weight**0.5 for name, weight in weights.items()},
    augmentation={
        "geometry": ["flip", "scale", "stretch", "crop"],
        "light": ["gamma", "contrast", "brightness", "colour"],
        "camera": ["blur", "noise", "jpeg"],
    },
    seed=SEED,
    license="Weights of an example, without any use.",
)

# %% [markdown]
# The generator draws views of scenes, photo and labels together. A batch depends on the seed, the
# epoch and its number alone, so that an interrupted run goes on with the batches it would have
# seen.

# %%
from training.data.run_sets import training_batches

batches = training_batches(config, DATA.parent)
photos, labels = batches[0]
again, _ = training_batches(config, DATA.parent)[0]
print(f"{len(batches)} batches of photos {photos.shape} and labels {labels.shape}, {photos.dtype}")
print("the same batch again:", np.array_equal(photos, again))
show([photos, colorize(LABEL_TO_CATEGORY[labels])], [""] * len(photos), width=6)

# %% [markdown]
# What each operation of the augmentation does to one scene: alone, by group, all together, and as
# configured above. Of six draws the strongest is shown. Labels move with the geometry and are grey
# where they count nowhere.

# %%
from training.data.augment import Augmentation
from training.data.augment.sheet import contact_sheet

sheet = contact_sheet(
    train_scenes[:1],
    Augmentation.from_config(config.augmentation),
    config.input_size,
    config.crop_size,
    SEED,
)
show([[sheet]], [""], width=13)

# %% [markdown]
# ## Training
#
# After each epoch the network is scored on the validation scenes, whole and at the size that the
# service will use. The best epoch is kept. Stopped and started again, `train` goes on after the
# last one. The same seed on the same machine gives the same weights.

# %%
from training.trainer import train

RUN = Path("runs/notebook")
best_weights = train(config, DATA.parent, RUN)

# %%
from training.run_result import store_result

curves = json.loads(store_result(RUN, Path("results/training")).read_text())["curves"]
epochs = [1 + row["epoch"] for row in curves]
_, (left, right) = plt.subplots(1, 2, figsize=(7, 2.4), layout="constrained")
left.plot(epochs, [row["loss"] for row in curves], "o-", color="#0072B2")
left.set(title="loss", xlabel="epoch", xticks=epochs)
right.plot(epochs, [r["category_iou"] for r in curves], "o-", color="#0072B2", label="views seen")
right.plot(
    epochs, [r["val_category_iou"] for r in curves], "s-", color="#D55E00", label="validation"
)
right.set(title="category IoU", xlabel="epoch", xticks=epochs, ylim=(0, 1))
right.legend(frameon=False, fontsize=8)
plt.show()

# %% [markdown]
# ## Export, with parity
#
# The Keras network becomes one ONNX graph from uint8 pixels to uint8 category ids, so that nobody
# who serves it has to know how to normalise a photo. Nothing is written unless Keras and ONNX give
# the same category on 99.95 % of the pixels.

# %%
from function_app.vision.model_package import ModelRef
from training.export import MIN_AGREEMENT, export
from training.packages import read_package
from training.run_result import summary

MODELS = Path("models")
FLOAT, INT8 = ModelRef("notebook", "0.1.0"), ModelRef("notebook-int8", "0.1.0")
float_package = export(config, best_weights, FLOAT, val_scenes, MODELS, training=summary(RUN))
parity = read_package(float_package).manifest.lineage["parity"]

# %% [markdown]
# ## Evaluation
#
# What is scored is the package, by the code that serves it, at the resolution of the labels. There
# is one confusion matrix for the whole set. *Official* is the score of Cityscapes: 7 categories,
# void may not win and counts nowhere. *With void* is the mean over all 8.
#
# The best epoch was chosen by these scenes, which flatters the score a little.

# %%
from training.evaluator import load_package, record, store
from training.evaluator.results import results_path
from training.evaluator.scoring import measure, score_rows, worst_photos

NAMES = DATA.name, "val"


def evaluate_package(package):
    """Score a package, keep the scores beside it and in its manifest, and return them."""
    segmenter = load_package(package)
    found = list(measure(segmenter, val_scenes, "val"))
    scores, worst = score_rows(found, segmenter.manifest, *NAMES), worst_photos(found, *NAMES)
    path = results_path(Path("results/evaluation"), segmenter.manifest)
    results = store(path, segmenter.manifest, scores=scores, worst=worst)
    record(package, results)
    return results


results = evaluate_package(float_package)
table(
    ("protocol", "mean IoU", *names),
    [
        (
            row["protocol"],
            f"**{row['mean_iou']:.3f}**",
            *("" if (iou := row["iou"].get(name)) is None else f"{iou:.2f}" for name in names),
        )
        for row in results["scores"]
    ],
)

# %%
from training.evaluator.plots import draw_plots

for plot in draw_plots(results, Path("plots"))[1:]:
    display(Image(plot.read_bytes(), width=430))

# %% [markdown]
# A row of a matrix says what became of the pixels of one category. IoU also counts what was wrongly
# taken for it, which is why a category with a good row can have a poor IoU.
#
# The worst scene says more than the mean: where is it wrong? In the last picture red is wrong, grey
# is right, and white counts nowhere.

# %%
import io

from PIL import Image as Picture

from function_app.vision.comparison import encode_errors
from function_app.vision.labels import decode_truth

worst = results["worst"][0]
scene = next(scene for scene in val_scenes if scene.id == worst["id"])
photo, labels = scene.load()
mask = load_package(float_package).segment(photo, void=False).mask
truth = decode_truth(scene.labels.read_bytes(), str(scene.labels))
errors = encode_errors(truth, mask, void=False)
wrong = Picture.open(io.BytesIO(errors)).convert("RGBA")
print(f"{worst['id']}: mean IoU {worst['mean_iou']:.2f}, lowest for {worst['worst_category']}")
show([[photo, colorize(LABEL_TO_CATEGORY[labels])]], ["photo", "truth"])
show([[colorize(mask), np.asarray(wrong)]], ["prediction", "wrong"])

# %% [markdown]
# ## Eight bits, behind a gate
#
# Weights and activations become 8-bit integers. Their ranges are set on training scenes, never on
# those that judge. A model that loses more than half a point of official IoU is refused.

# %%
from training.quantize import MAX_LOSS, quantize

gate = {" ".join(NAMES): val_scenes}
int8_package = quantize(float_package, INT8.name, train_scenes, gate, MODELS)
evaluate_package(int8_package)
lost = max(
    read_package(int8_package).manifest.lineage["quantization"]["category_iou_lost"].values()
)

# %% [markdown]
# ## Publish to Blob Storage
#
# [Azurite](https://github.com/Azure/Azurite), Microsoft's storage emulator, stands in for a storage
# account; the first run installs it with npm. A published version never changes; the pointer
# `active.json` says which one serves.

# %% tags=["services"]
from azure.storage.blob import BlobServiceClient

from local import azurite
from local.seed import create_containers, seed_scenes

azurite.install(PROJECT / ".local" / "azurite")
connection = cleanup.enter_context(azurite.running(PROJECT / ".local" / "azurite", Path("azurite")))
account = cleanup.enter_context(BlobServiceClient.from_connection_string(connection))
create_containers(account, ("models", "scenes", "predictions"))

# %%
from training.registry import BlobRegistry, activate, list_packages, publish

registry = BlobRegistry(account.get_container_client("models"))
for package in float_package, int8_package:
    publish(package, registry)
activate(FLOAT, registry)
for listed in list_packages(registry):
    scores = {name: round(iou, 3) for name, iou in listed.official_iou().items()}
    print(listed.ref, listed.state, scores)

# %% [markdown]
# Scenes go to Blob Storage too. The service lists them, predicts them and scores its predictions.

# %%
container = account.get_container_client("scenes")
shown = seed_scenes(DATA, 6, container, progress=lambda *_: None)[-6:]  # those of val come last

# %% [markdown]
# ## Ask the API
#
# A process of its own now runs the function app, as Azure would. It knows the storage account and
# nothing else. [The client](../docs/client.md) is one file.

# %% tags=["services"]
from future_vision import Client

from bench.service import running_service

service = cleanup.enter_context(running_service(connection))
client = Client(f"http://127.0.0.1:{service.port}")

# %%
prediction = client.predict(client.photo(shown[0]).data)  # or the path of a file
served = prediction.mask.array()
local = load_package(float_package).segment(val_scenes[0].load()[0]).mask

print(client.health()["status"], "with", prediction.model)
print(f"mask {served.shape} {served.dtype}, confidence {prediction.mean_confidence:.2f}")
print("shares:", {name: round(share, 3) for name, share in prediction.shares.items()})
print("the very mask that was scored:", np.array_equal(served, local))

# %% [markdown]
# Photo, truth and prediction of stored scenes, all of it from the API. A mask is a PNG whose values
# are the ids and whose palette is that of the categories.

# %%
rows = []
for id in shown[:3]:
    masks = client.truth(id), client.predict_scene(id).mask
    rows.append([client.photo(id).array(), *(colorize(mask.array()) for mask in masks)])
show(rows, ["photo", "truth", "prediction"])

# %% [markdown]
# ## Float and INT8, side by side
#
# `?model=name:version` asks for another published version, here through the client. Confusion
# matrices of scenes may be added, IoUs may not be averaged. The time is that of the network in the
# service, relative to the float model; on a shared machine it varies, and on CPUs without
# instructions for 8-bit products there is less to gain.

# %%
from function_app.vision.evaluation import OFFICIAL, score


def ask(model):
    """Ask a version for the stored scenes: official IoU, masks, seconds of the network."""
    matrix = sum(
        np.array(client.evaluation(id, model=model)["official"]["confusion"]) for id in shown
    )
    found = [client.predict(client.photo(id).data, model=model) for id in shown * 3]
    masks = np.stack([prediction.mask.array() for prediction in found[: len(shown)]])
    milliseconds = median(prediction.timings_ms["infer"] for prediction in found)
    return score(matrix, OFFICIAL).mean_iou, masks, milliseconds


answers = {ref: ask(str(ref)) for ref in (FLOAT, INT8)}
_, float_masks, float_time = answers[FLOAT]
table(
    ("model", "file", f"official IoU on {len(shown)} scenes", "same category as float", "time"),
    [
        (
            f"`{ref}`",
            f"{(MODELS / ref.prefix / 'model.onnx').stat().st_size / 1e6:.1f} MB",
            f"{iou:.3f}",
            f"{np.mean(masks == float_masks):.2%}",
            f"{milliseconds / float_time:.2f}",
        )
        for ref, (iou, masks, milliseconds) in answers.items()
    ],
)

# %%
float_mask, int8_mask = float_masks[0], answers[INT8][1][0]
differs = np.where(float_mask != int8_mask, np.uint8(0), np.uint8(225))[..., None].repeat(3, -1)
show(
    [[colorize(float_mask), colorize(int8_mask), differs]],
    ["float", "INT8", "black: another category"],
)

# %% [markdown]
# ## Clean up
#
# The service and Azurite end, and the folder goes.

# %%
cleanup.close()
print("the folder is gone:", not WORK.exists())

# %% [markdown]
# ## What held
#
# The scores above depend on seed, machine and schedule. These must hold in every run, and CI
# executes the notebook to see that they do.

# %%
facts = {
    "categories": len(CATEGORIES),
    "a batch can be drawn again": bool(np.array_equal(photos, again)),
    "Keras and ONNX agree": parity["agreement"] >= MIN_AGREEMENT,
    "the service gives the mask that was scored": bool(np.array_equal(served, local)),
    "INT8 loses at most half a point": lost <= MAX_LOSS,
    "nothing is left behind": not WORK.exists(),
}
print(json.dumps(facts, indent=1))

# %% [markdown]
# With a real data set: `python notebooks/run.py --data-root /path/to/cityscapes`. With real
# schedules, several seeds and more data: `training/README.md`.
