"""Models and their comparison: ten minutes."""

from pathlib import Path

from docs.build.diagrams import ARCHITECTURE
from docs.build.facts import Facts
from docs.build.figures import FOLDER as SCENES
from docs.build.figures import SCREEN
from docs.build.slides.template import (
    FULL,
    SMALLEST_POINTS,
    Deck,
    Frame,
    add_diagram,
    picture,
    points,
    table,
    text,
)

SHOWN = ("FCN-8s", "DeepLabv3+", "HRNetV2 + OCR", "ENet", "ERFNet", "Fast-SCNN")
"""Of the literature; one more is the last's at our input size."""


def add_models(deck: Deck, facts: Facts) -> None:
    """Add literature, candidates, study, chosen network and what it does well or badly."""
    _literature(deck, facts)
    _candidates(deck, facts)
    _budget(deck, facts)
    _comparison(deck, facts)
    _charts(deck, facts)
    _questions(deck, facts)
    _chosen(deck, facts)
    _scenes(deck)
    _strengths(deck, facts)
    _errors(deck, facts)


def chart(name: str) -> Path:
    """Return the file of a figure."""
    return SCREEN.folder / f"{name}.{SCREEN.suffix}"


def _literature(deck: Deck, facts: Facts) -> None:
    networks = facts["reference"]["networks"]
    rows = [n for n in networks if n["name"] in SHOWN or n["category"] ==
            facts["reference"]["low_resolution"]]  # fmt: skip
    slide = deck.slide(
        "État de l’art : deux lignées, et le poids de la résolution",
        "La lignée du score et celle du temps réel. Sur sept catégories, l’écart est bien plus "
        "petit que sur dix-neuf classes. La dernière ligne est la plus utile : le même réseau, à "
        "notre taille d’entrée.",
        50,
    )
    table(
        slide, ["Réseau (test, pleine résolution)", "IoU classes", "IoU catégories"],
        [[n["name"], n["class"], n["category"]] for n in rows], [6.6, 2.7, 2.9],
    )  # fmt: skip


def _candidates(deck: Deck, facts: Facts) -> None:
    slide = deck.slide(
        "Cinq candidats, une même signature",
        "U-Net sans préentraînement comme point de départ, Fast-SCNN pour le temps réel, trois "
        "têtes sur le même encodeur préentraîné. Temps relatif au modèle servi en flottant.",
        40,
    )
    table(
        slide,
        ["Réseau", "Paramètres", "GMAC", "Temps"],
        facts["service"]["architectures"],
        [5.4, 2.4, 2.1, 2.1],
    )
    size = facts["model"]["packages"][0][1]
    text(slide, [f"Entrée {size}, un fil, temps de session par rapport au modèle flottant servi",
                 "Octets en entrée, normalisation dans le graphe, huit logits par pixel"],
         Frame(y=5.0, height=1.6), 22)  # fmt: skip


def _budget(deck: Deck, facts: Facts) -> None:
    budget, study = facts["learning"]["budget"], facts["study"]
    slide = deck.slide(
        "L’étude : budget égal, résolution réduite",
        "Dire clairement que les niveaux absolus sont plus bas qu’en service : deux cœurs, pas de "
        "processeur graphique. Seuls les écarts se lisent. CamVid et KITTI sont des rues et des "
        "caméras jamais vues.",
        45,
    )
    points(slide, [
        f"Budget | {budget['views']} vues de {budget['input']}, {budget['steps']} pas de "
        f"{budget['batch']}",
        f"Ampleur | {study['runs']} entraînements, {study['seeds']} graines par variante",
        f"Données | une photo de Cityscapes sur {budget['every']} ; CamVid et KITTI pour juger",
        "Mesures | IoU officielle et avec void, paramètres, GMAC, temps, taille, 8 bits",
        "À lire | les écarts, pas les niveaux : le modèle servi a vu plus grand et plus longtemps",
    ], FULL)  # fmt: skip


def _comparison(deck: Deck, facts: Facts) -> None:
    study = facts["study"]
    slide = deck.slide(
        "Cinq réseaux, avec et sans augmentation",
        f"Le réseau retenu est Lite0 + FPN : {study['chosen']['over_baseline']} points par "
        f"rapport au U-Net, pour {study['chosen']['time_of_baseline']} fois son temps. Rappeler "
        "la règle : deux réseaux dont les écarts types se touchent ne se départagent pas.",
        60,
    )
    table(
        slide, ["Réseau", "sans augm.", "avec augm.", "GMAC", "Temps"],
        study["models_on_slides"], [4.2, 2.6, 2.6, 1.4, 1.4],
    )  # fmt: skip
    points(slide, [
        f"IoU officielle | {study['sets'][0]}, moyenne ± écart type",
        f"Lite0 + FPN | {study['chosen']['place']}, avec augmentation",
        f"8 bits | {study['int8']['worst']} point perdu au pire",
    ], Frame(y=4.9, height=1.9), size=22)  # fmt: skip


def _charts(deck: Deck, facts: Facts) -> None:
    study = facts["study"]
    chosen = study["augmentation"]["chosen"]
    sets = facts["model"]["scores"]
    gains = ". ".join(f"{sets[name]['title']} : {found['gain']}, {found['verdict']}"
                      for name, found in chosen.items())  # fmt: skip
    for name, title, notes, seconds, description in (
        ("tradeoff", "Qualité contre temps",
         f"En haut à gauche, le mieux. Creux : huit bits. {study['order'][0]}.",
         45, "IoU officielle contre temps de session, par réseau"),
        ("gains", "Ce qu’apporte l’augmentation, réseau par réseau",
         f"{'. '.join(study['augmentation']['counts'])}. Pour le réseau retenu : {gains}. "
         "Regarder surtout les deux caméras jamais vues.",
         50, "gain apparié de l’augmentation par réseau et par jeu"),
        ("question-augmentation", "Groupe par groupe : d’où vient le gain ?",
         "Chaque groupe seul, comparé à aucune augmentation. Meilleure variante : "
         f"{'. '.join(_best(found) for found in study['questions'][0]['best'])}.",
         40, "gain de chaque groupe d’opérations"),
    ):  # fmt: skip
        picture(deck.slide(title, notes, seconds), chart(name), FULL, description)


def _questions(deck: Deck, facts: Facts) -> None:
    study = facts["study"]
    questions = study["questions"][1:]  # the first one has a slide of its own
    rows = [
        [q["title"] if place == 0 else "", *row]
        for q in questions
        for place, row in enumerate(q["points"])
    ]
    verdicts = ". ".join(
        f"{q['title']} : {' ; '.join(_best(found) for found in q['best'])}" for q in questions
    )
    slide = deck.slide(
        "Une chose à la fois",
        f"Sur le réseau retenu, {study['seeds']} graines. La meilleure des autres variantes, "
        f"verdicts selon la règle : {verdicts}.",
        45,
    )
    table(
        slide, ["Question", "Variante", *study["sets"]], rows, [2.4, 3.45, 2.3, 2.0, 2.0],
        left=(0, 1),
    )  # fmt: skip
    references = ", ".join(q["reference"] for q in questions)
    text(slide, ["Points d’IoU officielle gagnés, appariés, sur le réseau retenu avec augmentation",
                 f"({references})"], Frame(y=6.2, height=0.9), SMALLEST_POINTS)  # fmt: skip


def _best(found: dict[str, str]) -> str:
    return f"sur {found['data']}, « {found['variant']} » ({found['gain']}, {found['verdict']})"


def _chosen(deck: Deck, facts: Facts) -> None:
    slide = deck.slide(
        "Le modèle retenu : Lite0 et une pyramide légère",
        f"{facts['model']['parameters']} millions de paramètres. En bleu l’encodeur préentraîné, "
        "en orange la pyramide. Le dernier étage, au pas de deux, étroit, rend leur contour aux "
        "poteaux et aux personnes. Perte : entropie croisée et Dice.",
        45,
    )
    add_diagram(slide, ARCHITECTURE)
    text(slide, ["Bleu : encodeur EfficientNet-Lite0. Orange : pyramide. Vert : sorties.",
                 "« ×2 et + » : agrandir, ajouter la projection, lisser."],
         Frame(x=3.0, y=5.3, width=9.8, height=1.1), SMALLEST_POINTS)  # fmt: skip


def _scenes(deck: Deck) -> None:
    slide = deck.slide(
        "Ce qu’il voit : photo, vérité, masque, erreurs",
        "Scènes de synthèse, jamais apprises. Regarder les bras de lampadaires, les passants "
        "lointains, les troncs pris pour des poteaux. Presque tout le rouge est au bord des "
        "choses.",
        40,
    )
    for row, name in enumerate(("day", "rain")):
        for column, view in enumerate(("photo.jpg", "truth.png", "mask.png", "errors.jpg")):
            frame = Frame(0.55 + 3.08 * column, 1.8 + 2.0 * row, 3.0, 1.8)
            picture(slide, SCENES / f"{name}-{view}", frame, f"{name} {view}")
    text(slide, ["Jour et forte pluie ; en rouge, les pixels faux (void hors compte)"],
         Frame(y=6.0, height=0.6), 20)  # fmt: skip


def _strengths(deck: Deck, facts: Facts) -> None:
    robust, sure = facts["model"]["robustness"], facts["model"]["confidence"]["cityscapes_256"]
    for name, title, notes, seconds in (
        ("categories", "Par catégorie : le large est sûr, le fin ne l’est pas",
         "L’humain de KITTI ne couvre que "
         f"{facts['model']['humans_of_kitti']} des pixels : à ne pas interpréter.", 35),
        ("robustness", "Robustesse : une baisse graduelle, forte à l’extrême",
         f"Force moyenne : {robust['fog']['2']['lost']} points sous le brouillard, "
         f"{robust['noise']['2']['lost']} sous le bruit. Peu de photos sur les deux derniers "
         "jeux : indicatif.", 35),
    ):  # fmt: skip
        picture(deck.slide(title, notes, seconds), chart(name), FULL, title)
    slide = deck.slide(
        "Confiance : elle dit vrai, sur photos propres",
        "C’est le point le plus utile pour Laura : fixer un seuil, traiter le reste comme inconnu. "
        "Non mesuré sous perturbation.",
        40,
    )
    picture(slide, chart("confidence"), Frame(width=5.6), "justesse contre confiance annoncée")
    points(slide, [
        f"ECE | {sure['ece']} sur Cityscapes 256",
        f"Sept dixièmes ou plus | {sure['seven_tenths']['share']} des pixels, justes à "
        f"{sure['seven_tenths']['right']}",
        f"Neuf dixièmes ou plus | {sure['nine_tenths']['share']} des pixels, justes à "
        f"{sure['nine_tenths']['right']}",
        "Sous le seuil | traiter comme inconnu",
    ], Frame(x=6.3, width=6.5), lead=2.6)  # fmt: skip


def _errors(deck: Deck, facts: Facts) -> None:
    model = facts["model"]
    slide = deck.slide(
        "Erreurs regardées : ce qui est fin disparaît",
        f"Pires photos : la catégorie fautive est {model['worst']['counts']}. CamVid réunit "
        "cycliste et vélo en un humain : des vélos deviennent humains.",
        30,
    )
    picture(slide, chart("confusion"), Frame(width=7.2), "matrice de confusion officielle")
    points(slide, [
        f"{was} | pris pour {taken} ({share})" for was, taken, share in model["confusions"]
    ], Frame(x=7.8, width=5.0), lead=1.6, size=22)  # fmt: skip
