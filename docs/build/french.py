"""Numbers, punctuation and names as French readers write them."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from function_app.vision.categories import CATEGORIES

NARROW = "\u202f"
"""Narrow no-break space, between thousands and before a unit."""

Spread = Mapping[str, Any]
"""`mean` and `sd` as `training.study.summary.spread` makes them."""


def fr(value: float, digits: int = 3) -> str:
    """Write a number with a decimal comma and spaced thousands."""
    text = f"{value:,.{digits}f}".replace(",", NARROW).replace(".", ",")
    return text.replace("-", "−")


def signed(value: float, digits: int = 3) -> str:
    """Write a difference with its sign; what rounds to zero has none."""
    text = fr(abs(value), digits)
    if not any(digit in text for digit in "123456789"):
        return text
    return ("+" if value > 0 else "−") + text


def percent(share: float, digits: int = 1) -> str:
    """Write a share between 0 and 1 in percent."""
    return f"{fr(100 * share, digits)}{NARROW}%"


def with_spread(value: Spread, digits: int = 3) -> str:
    """Write mean ± standard deviation; the mean alone where one seed gives no deviation."""
    text = fr(value["mean"], digits)
    return text if value["sd"] is None else f"{text} ± {fr(value['sd'], digits)}"


def gain(value: Spread | None, digits: int = 3) -> str:
    """Write a paired difference as `with_spread` does; a dash for the reference itself."""
    if value is None:
        return "—"
    text = signed(value["mean"], digits)
    return text if value["sd"] is None else f"{text} ± {fr(value['sd'], digits)}"


def typeset(text: str) -> str:
    """Bind high punctuation and quotes to their words, so that no line begins with them."""
    return re.sub(r"« ", f"«{NARROW}", re.sub(r" ([:;!?»])", rf"{NARROW}\1", text))


TEXTS = Path("frontend/texts.json")

ARCHITECTURES = {
    "unet": "U-Net",
    "fast_scnn": "Fast-SCNN",
    "lite0_lraspp": "Lite0 + LR-ASPP",
    "lite0_fpn": "Lite0 + FPN",
    "lite0_deeplabv3plus": "Lite0 + DeepLabV3+",
}

VARIANTS = ARCHITECTURES | {
    "none": "sans augmentation",
    "geometry": "géométrie seule",
    "light": "lumière seule",
    "occlusion": "occlusion seule",
    "camera": "caméra seule",
    "geometry, light and camera": "géométrie, lumière, caméra",
    "cross-entropy and Dice": "entropie croisée + Dice",
    "cross-entropy": "entropie croisée",
    "focal and Dice": "perte focale + Dice",
    "cross-entropy and Lovasz": "entropie croisée + Lovász",
    "256x128": "256×128",
    "192x96": "192×96",
    "from scratch": "poids aléatoires",
    "ImageNet": "poids ImageNet",
    "Cityscapes alone": "un sixième de Cityscapes",
    "CamVid added": "CamVid ajouté",
    "KITTI added": "KITTI ajouté",
    "synthetic scenes added": "synthèse ajoutée",
}

QUESTIONS = {
    "augmentation": "augmentation, groupe par groupe",
    "loss": "fonction de perte",
    "input": "taille de l’entrée",
    "pretraining": "préentraînement",
    "data": "données ajoutées",
}

DATA = {
    "cityscapes_256": "Cityscapes 256",
    "camvid": "CamVid",
    "kitti": "KITTI",
    "synthetic": "synthétique",
}

CORRUPTIONS = {"noise": "bruit", "blur": "flou", "night": "nuit", "fog": "brouillard"}

SHAPES = {
    "aspect kept, padded": "proportions gardées, gris ajouté",
    "as served": "comme en service",
    "stretched all the way": "étirée jusqu’au bout",
    "graph by aspect, padded": "un graphe par format, gris ajouté",
}

STAGES = {
    "interpreter": "interpréteur",
    "app": "application",
    "storage SDK": "bibliothèque de stockage",
    "model": "modèle",
    "first mask": "premier masque",
}

BILL = {
    "function": "fonction",
    "storage": "stockage",
    "logs": "journaux",
    "masks sent": "masques envoyés",
    "alert rules": "règles d’alerte",
    "explorer": "explorateur",
    "sum": "total",
}


def category_names() -> dict[str, str]:
    """Name -> French name, as the explorer shows it."""
    texts = json.loads(TEXTS.read_text())
    return {category.name: texts[f"category.{category.name}"]["fr"] for category in CATEGORIES}
