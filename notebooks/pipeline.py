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
# # De la scène de rue au masque par HTTP
#
# Le parcours complet d’un modèle dans ce projet : regarder les données, apprendre, exporter,
# mesurer, quantifier, publier, servir, interroger. Chaque étape appelle les fonctions des
# commandes du projet (`python -m training`, `python -m local`).
#
# Le carnet s’exécute partout, sans compte, sans GPU et sans photo à télécharger : le projet
# dessine lui-même ses scènes. C’est une visite, non un résultat :
#
# - **Ce qu’il montre :** que les pièces s’assemblent. Le graphe exporté donne les masques du
#   réseau appris, le service donne les masques qui ont été mesurés, huit bits donnent presque les
#   masques de trente-deux.
# - **Ce qu’il ne montre pas :** la qualité sur de vraies rues. Quelques dizaines de scènes
#   dessinées, à basse résolution, apprennent peu. Les résultats mesurés sont dans la [note
#   technique](../docs/note/note.pdf) et dans [`results/`](../results).
#
# `notebooks/pipeline.py` est la source de ce carnet ; `python notebooks/run.py` l’exécute.

# %% [markdown]
# ## Paramètres
#
# `DATA_ROOT` est le seul réglage : `None` dessine des scènes ; un chemin prend autant de scènes
# dans une copie de Cityscapes (le dossier qui contient `leftImg8bit/` et `gtFine/`).

# %% tags=["parameters"]
DATA_ROOT = None
TRAIN_SCENES, VAL_SCENES = 40, 40
EPOCHS = 4
SEED = 1

# %% [markdown]
# ## Un dossier de travail
#
# Tout s’écrit dans un dossier temporaire. Serveurs et fichiers sont confiés à une `ExitStack`, que
# la dernière cellule ferme ; si une cellule échoue avant, la fin du processus la ferme.

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
# ## Les catégories
#
# Cityscapes a 34 labels en 8 catégories. Un masque du service contient les numéros des catégories.
# Le score officiel ignore certains labels où qu’ils soient, et void partout.

# %%
from function_app.vision.categories import CATEGORIES, LABELS

table(
    ("id", "catégorie", "labels évalués", "labels ignorés"),
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
# ## Les données
#
# Une scène est une photo et un masque de labels, rangés comme dans Cityscapes. `DataConfig` dit
# quelles scènes d’un jeu sont prises.

# %%
from synthetic import write_dataset
from training.config import DataConfig
from training.data import read_scenes

if not DATA_ROOT:
    write_dataset(DATA, TRAIN_SCENES, "train", seed=10_000, size=(512, 256))
    write_dataset(DATA, VAL_SCENES, "val", seed=0, size=(512, 256))


def part(split, count):
    """Take about `count` scenes of a split."""
    found = len(read_scenes(DataConfig("cityscapes", DATA.name, split), DATA.parent))
    return DataConfig("cityscapes", DATA.name, split, every=max(1, found // count))


TRAIN, VAL = part("train", TRAIN_SCENES), part("val", VAL_SCENES)
train_scenes, val_scenes = read_scenes(TRAIN, DATA.parent), read_scenes(VAL, DATA.parent)
print(f"{len(train_scenes)} scènes pour apprendre, {len(val_scenes)} pour mesurer")

# %%
from function_app.vision.categories import IGNORE, LABEL_TO_CATEGORY
from function_app.vision.photo import colorize


def picture(labels):
    """Draw labels in the colours of their categories; light grey where nothing is known."""
    known = (labels != IGNORE)[..., None]
    return np.where(known, colorize(LABEL_TO_CATEGORY[labels]), np.uint8(225))


pictures = []
for scene in train_scenes[:3]:
    photo, labels = scene.load()
    pictures.append((photo, picture(labels)))
show(list(zip(*pictures, strict=True)), ["", "", ""])

# %% [markdown]
# Les catégories sont loin d’être aussi fréquentes. Personnes, panneaux et poteaux couvrent peu de
# pixels ; un réseau qui les ignorerait aurait raison presque partout. C’est pourquoi le score est
# la moyenne d’une IoU par catégorie, et pourquoi les catégories rares pèsent plus dans la perte.
# L’équilibrage par fréquence médiane dit de combien ; appliqué en entier, il fait voir des
# personnes partout, d’où la racine carrée dans l’apprentissage ci-dessous.

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
axis.set_xlabel("part des pixels d’apprentissage, %")
axis.spines[["top", "right"]].set_visible(False)
plt.show()

weights = median_frequency_weights(train_scenes, progress=False)
print("fréquence médiane :", {name: round(weight, 1) for name, weight in weights.items()})

# %% [markdown]
# ## Le générateur de données et l’augmentation
#
# Une `TrainingConfig` décrit un apprentissage, comme un fichier de `training/configs`. Celle-ci
# est petite : un encodeur EfficientNet-Lite0 préentraîné sur ImageNet (ses poids viennent d’un
# paquet Python) sous une tête LR-ASPP, des photos de 384x192, des vues de 128x128.

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
# Le générateur `TrainingBatches` est un `keras.utils.PyDataset`. Un lot ne dépend que de la
# graine, de l’époque et de son numéro : un apprentissage interrompu reprend avec les lots qu’il
# aurait vus, et les fils de chargement n’ont rien à se partager. Son code tient en deux méthodes :

# %%
import inspect

from training.data.generator import TrainingBatches, training_batches

for method in (TrainingBatches.__getitem__, TrainingBatches._draw):
    display(Markdown(f"```python\n{inspect.getsource(method)}```"))

# %%
batches = training_batches(config, DATA.parent)
photos, labels = batches[0]
again, _ = training_batches(config, DATA.parent)[0]
print(f"{len(batches)} lots de photos {photos.shape} et de labels {labels.shape}, {photos.dtype}")
print("le même lot, tiré de nouveau :", np.array_equal(photos, again))
show([photos, picture(labels)], [""] * len(photos), width=9)

# %% [markdown]
# Débit et mémoire, avec un et deux fils de chargement. Rien n’est gardé : la mémoire ne croît pas
# avec le jeu. Le débit dépend de ce que la machine fait d’autre ; celui qui est mesuré sur les
# vraies photos est dans `results/generator.json`.

# %%
from bench.generator import measure as measure_generator

rates = [measure_generator(batches, workers, 48) for workers in (1, 2)]
table(
    ("fils de chargement", "vues par seconde", "mémoire en plus"),
    [
        (row["workers"], f"{row['views_per_second']:.0f}", f"{row['memory_mb']:.0f} Mo")
        for row in rates
    ],
)

# %% [markdown]
# Ce que chaque groupe de l’augmentation fait d’une scène : géométrie, lumière, occlusion, caméra,
# puis la configuration ci-dessus. Les labels suivent la géométrie ; en gris clair, ils ne comptent
# pas. La planche de toutes les opérations :
# [`docs/images/augmentation.png`](../docs/images/augmentation.png).

# %%
from training.data.augment import GROUPS, Augmentation

shown_groups = {"sans": {}, **{group: {group: True} for group in GROUPS}}
shown_groups["configuration"] = config.augmentation
views = [
    Augmentation.from_config(groups).apply(
        *train_scenes[0].load(),
        config.input_size,
        (192, 384),
        np.random.default_rng(SEED),
        always=True,
    )
    for groups in shown_groups.values()
]
show(
    [[photo for photo, _ in views[:3]], [picture(ids) for _, ids in views[:3]]],
    list(shown_groups)[:3],
    width=12,
)
show(
    [[photo for photo, _ in views[3:]], [picture(ids) for _, ids in views[3:]]],
    list(shown_groups)[3:],
    width=12,
)

# %% [markdown]
# ## Apprentissage, avec et sans augmentation
#
# Le même réseau apprend deux fois, avec et sans augmentation, du même nombre de vues. Après chaque
# époque il est mesuré sur les scènes de validation, entières et à la taille du service. La même
# graine sur la même machine donne les mêmes poids.

# %%
from dataclasses import replace

from training.runs import store_result
from training.trainer import train

RUN = Path("runs/notebook")
PLAIN_RUN = Path("runs/notebook-plain")
best_weights = train(config, DATA.parent, RUN)
plain = replace(config, name="notebook-plain", augmentation={})
plain_weights = train(plain, DATA.parent, PLAIN_RUN)

# %%
curves = {
    name: json.loads(store_result(run, Path("results/training")).read_text())["curves"]
    for name, run in {"avec": RUN, "sans": PLAIN_RUN}.items()
}
_, (left, right) = plt.subplots(1, 2, figsize=(8, 2.8), layout="constrained")
for (name, rows), color in zip(curves.items(), ("#0072B2", "#D55E00"), strict=True):
    epochs = [1 + row["epoch"] for row in rows]
    left.plot(
        epochs, [row["loss"] for row in rows], "o-", color=color, label=f"{name} augmentation"
    )
    right.plot(
        epochs, [100 * row["val_category_iou"] for row in rows], "s-", color=color, label=name
    )
left.set(title="perte, vues apprises", xlabel="époque", xticks=epochs)
right.set(title="IoU officielle, validation, points", xlabel="époque", xticks=epochs, ylim=(0, 100))
left.legend(frameon=False, fontsize=8)
plt.show()

# %% [markdown]
# La perte est plus basse sans augmentation, car les vues sont plus faciles : quarante scènes
# s’apprennent vite par cœur. La validation est meilleure avec. Les deux réseaux sont comparés plus
# bas, sur des photos dégradées aussi.

# %% [markdown]
# ## Export et parité
#
# Le réseau Keras devient un seul graphe ONNX, de pixels en octets à des numéros de catégories en
# octets : celui qui le sert n’a pas à savoir normaliser une photo. Rien n’est écrit si Keras et
# ONNX ne donnent pas la même catégorie sur 99,95 % des pixels.

# %%
from function_app.vision.model_package import ModelRef
from training.export import MIN_AGREEMENT, export
from training.packages import read_package
from training.runs import summary

MODELS = Path("models")
FLOAT, INT8 = ModelRef("notebook", "0.1.0"), ModelRef("notebook-int8", "0.1.0")
float_package = export(config, best_weights, FLOAT, val_scenes, MODELS, training=summary(RUN))
parity = read_package(float_package).manifest.lineage["parity"]

# %% [markdown]
# ## Mesure
#
# C’est le paquet qui est mesuré, par le code qui le sert, à la résolution des labels, dans une
# seule matrice de confusion pour tout le jeu. *official* est le score de Cityscapes : 7
# catégories, void ne peut pas gagner et ne compte nulle part. *with_void* est la moyenne des 8.
# L’époque a été choisie sur ces scènes, ce qui flatte un peu le score.

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
    ("protocole", "IoU moyenne", *names),
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
# Une ligne de matrice dit ce que sont devenus les pixels d’une catégorie. L’IoU compte aussi ce
# qui a été pris pour elle à tort : une catégorie dont la ligne est bonne peut avoir une IoU
# faible.
#
# La pire scène en dit plus que la moyenne : où se trompe-t-il ? Dans la dernière image, le rouge
# est faux, le gris est juste, le blanc ne compte pas.

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
print(
    f"{worst['id']}: IoU moyenne {worst['mean_iou']:.2f}, la plus basse pour {worst['worst_category']}"
)
show([[photo, picture(labels)]], ["photo", "vérité"])
show([[colorize(mask), np.asarray(wrong)]], ["prédiction", "erreurs"])

# %% [markdown]
# ## Ce que l’augmentation apporte
#
# Les deux réseaux devant les mêmes scènes de validation, intactes puis dégradées : bruit, flou,
# nuit et brouillard, chacun à trois forces (moyenne des trois). IoU officielle, en points.

# %%
from training.data.corruptions import KINDS, corrupt
from training.evaluator.robustness import evaluate_robustness

PLAIN = ModelRef("notebook-plain", "0.1.0")
plain_package = export(
    plain, plain_weights, PLAIN, val_scenes, MODELS, training=summary(PLAIN_RUN)
)
judged = val_scenes[::4]


def robustness(package):
    """Official IoU in points: of the scenes as they are, and under each kind of corruption."""
    segmenter = load_package(package)
    clean = sum(photo.matrices["official"] for photo in measure(segmenter, judged, "val"))
    rows = evaluate_robustness(segmenter, judged, clean, *NAMES)
    return [
        100 * np.mean([row["mean_iou"] for row in rows if row["kind"] == kind])
        for kind in ("clean", *KINDS)
    ]


without, augmented = robustness(plain_package), robustness(float_package)
table(
    ("augmentation", "intactes", "bruit", "flou", "nuit", "brouillard"),
    [
        ("sans", *(f"{points:.1f}" for points in without)),
        ("avec", *(f"{points:.1f}" for points in augmented)),
        ("**gain**", *(f"{b - a:+.1f}" for a, b in zip(without, augmented, strict=True))),
    ],
)

# %%
photo, labels = judged[0].load()
noisy = corrupt(photo, "noise", 2, SEED)
masks = [load_package(package).segment(noisy).mask for package in (plain_package, float_package)]
show([[noisy, picture(labels)]], ["bruit de force 2", "vérité"])
show([[colorize(mask) for mask in masks]], ["sans augmentation", "avec augmentation"])

# %% [markdown]
# Une graine, dix scènes dessinées : c’est une illustration. Deux études répondent à la même question
# sur de vraies photos : la longue, où objet commence à être appris, sur des caméras jamais vues
# ([`recipe.json`](../results/study/recipe.json)) ; la courte, à trois graines, groupe par groupe
# ([`augmentation.json`](../results/study/augmentation.json)). La
# [note technique](../docs/note/note.pdf) les commente.

# %% [markdown]
# ## Huit bits, sous condition
#
# Poids et activations deviennent des entiers de huit bits. Leurs bornes sont réglées sur des
# scènes d’apprentissage, jamais sur celles qui jugent. Un modèle qui perd plus d’un demi-point
# d’IoU officielle est refusé.

# %%
from training.quantize import MAX_LOSS, quantize

gate = {" ".join(NAMES): val_scenes}
int8_package = quantize(float_package, INT8.name, train_scenes, gate, MODELS)
evaluate_package(int8_package)
lost = max(
    read_package(int8_package).manifest.lineage["quantization"]["category_iou_lost"].values()
)

# %% [markdown]
# ## Publier dans Blob Storage
#
# [Azurite](https://github.com/Azure/Azurite), l’émulateur de Microsoft, tient lieu de compte de
# stockage. Une version publiée ne change jamais ; le pointeur `active.json` dit laquelle sert.

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
# Les scènes vont aussi dans Blob Storage. Le service les énumère, les prédit et mesure ses
# prédictions.

# %%
container = account.get_container_client("scenes")
shown = seed_scenes(DATA, 6, container, progress=lambda *_: None)[-6:]  # those of val come last

# %% [markdown]
# ## Interroger l’API
#
# Un processus à part exécute l’application, comme le ferait Azure. Il ne connaît que le compte de
# stockage. [Le client](../docs/client.md) tient en un fichier.

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
print(f"masque {served.shape} {served.dtype}, confiance {prediction.mean_confidence:.2f}")
print("parts :", {name: round(share, 3) for name, share in prediction.shares.items()})
print("le masque même qui a été mesuré :", np.array_equal(served, local))

# %% [markdown]
# Photo, vérité et prédiction de scènes stockées, le tout par l’API. Un masque est un PNG dont les
# valeurs sont les numéros et dont la palette est celle des catégories.

# %%
rows = []
for id in shown[:3]:
    masks = client.truth(id), client.predict_scene(id).mask
    rows.append([client.photo(id).array(), *(colorize(mask.array()) for mask in masks)])
show(rows, ["photo", "vérité", "prédiction"])

# %% [markdown]
# ## Flottant et huit bits, côte à côte
#
# `?model=nom:version` demande une autre version publiée. Les matrices de confusion de plusieurs
# scènes s’additionnent, les IoU ne se moyennent pas. Le temps est celui du réseau dans le service,
# relatif au modèle flottant ; il varie sur une machine partagée.

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
    ("modèle", "fichier", f"IoU officielle, {len(shown)} scènes", "même catégorie", "temps"),
    [
        (
            f"`{ref}`",
            f"{(MODELS / ref.prefix / 'model.onnx').stat().st_size / 1e6:.1f} Mo",
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
    ["flottant", "huit bits", "noir : autre catégorie"],
)

# %% [markdown]
# ## Ranger
#
# Le service et Azurite s’arrêtent, le dossier disparaît.

# %%
cleanup.close()
print("le dossier a disparu :", not WORK.exists())

# %% [markdown]
# ## Ce qui a tenu
#
# Les scores dépendent de la graine, de la machine et du budget. Ce qui suit doit tenir à chaque
# exécution ; l’intégration continue exécute le carnet pour le vérifier.

# %%
facts = {
    "catégories": len(CATEGORIES),
    "un lot peut être tiré de nouveau": bool(np.array_equal(photos, again)),
    "Keras et ONNX donnent la même chose": parity["agreement"] >= MIN_AGREEMENT,
    "le service donne le masque qui a été mesuré": bool(np.array_equal(served, local)),
    "huit bits perdent au plus un demi-point": lost <= MAX_LOSS,
    "il ne reste rien": not WORK.exists(),
}
print(json.dumps(facts, indent=1, ensure_ascii=False))

# %% [markdown]
# Avec un vrai jeu : `python notebooks/run.py --data-root /chemin/vers/cityscapes`. Avec un vrai
# budget, plusieurs graines et plus de données : [`training/README.md`](../training/README.md) ;
# l’étude elle-même, réseau par réseau et groupe par groupe : [`results/study/`](../results/study)
# et la [note technique](../docs/note/note.pdf).
