"""Context and metrics: the first five minutes."""

from pptx.enum.shapes import MSO_SHAPE

from docs.build.facts import Facts
from docs.build.figures import FOLDER as SCENES
from docs.build.slides.template import (
    FULL,
    LEFT,
    RIGHT,
    SMALLEST_POINTS,
    Deck,
    Frame,
    color,
    flat,
    picture,
    points,
    table,
    text,
)  # fmt: skip


def add_opening(deck: Deck, facts: Facts) -> None:
    """Add title, answer, need, categories, data and metrics."""
    _title(deck)
    _answer(deck, facts)
    _need(deck)
    _categories(deck, facts)
    _data(deck, facts)
    _rules(deck)
    _protocols(deck, facts)
    _spread(deck, facts)


def _title(deck: Deck) -> None:
    slide = deck.slide(
        "Segmenter la rue en huit catégories",
        "Se présenter. Vingt minutes : cinq pour le contexte et les métriques, dix pour les "
        "modèles, cinq pour la production et la démonstration. Toutes les images montrées sont "
        "des scènes de synthèse, dessinées par le projet.",
        20,
    )
    text(slide, ["Une photo de rue, un masque : de l’entraînement au service payé à l’appel"],
         Frame(height=0.7))  # fmt: skip
    for place, view in enumerate(("day-photo.jpg", "day-mask.png")):
        frame = Frame(x=0.55 + 6.2 * place, y=2.6, width=6.0, height=3.2)
        picture(slide, SCENES / view, frame, "scène de synthèse et masque prédit")


def _answer(deck: Deck, facts: Facts) -> None:
    model = facts["model"]
    sure = model["confidence"]["cityscapes_256"]["nine_tenths"]
    slide = deck.slide(
        "La réponse : sur quoi le système de décision peut compter",
        "Pour Laura d’abord : le reste de l’exposé justifie ces quatre lignes. Insister sur la "
        "troisième : l’absence d’humain dans le masque n’est pas une preuve d’absence.",
        45,
    )
    points(slide, [
        f"Fiable | {', '.join(model['best'])} en IoU, de jour, en ville européenne",
        f"Confiance utile | annoncée à neuf dixièmes ou plus ({sure['share']} des pixels), elle "
        f"est juste à {sure['right']}",
        f"Pas sans contrôle | {' et '.join(model['weakest'])} : poteaux, panneaux, personnes au "
        "loin",
        f"Hors domaine | nuit, brouillard, flou, bruit forts : {model['robustness']['hardest']} "
        "points perdus",
        "Interdit | conduire une voiture avec ; poids réservés à la recherche",
    ], FULL)  # fmt: skip


def _need(deck: Deck) -> None:
    slide = deck.slide(
        "Le besoin : un masque en une ligne de code",
        "L’équipe vision entraîne, le système de décision consomme. Personne en aval ne veut "
        "installer TensorFlow ni suivre les versions d’un modèle.",
        30,
    )
    points(slide, [
        "Qui | l’équipe vision publie un modèle ; le système de décision appelle une adresse",
        "Quoi | pour chaque pixel : sol, humain, véhicule… et à quel point c’est sûr",
        "Mesuré | selon une règle publiée, comparable à la littérature",
        "Léger | sans processeur graphique, payé à l’appel, zéro quand personne n’appelle",
        "Prévisible | une panne donne une erreur claire, jamais un masque de fortune",
    ], FULL)  # fmt: skip


def _categories(deck: Deck, facts: Facts) -> None:
    slide = deck.slide(
        "Huit catégories, dont une qui ne compte pas toujours",
        "Les labels de Cityscapes se regroupent en huit catégories. Void : le capot, ce que "
        "personne n’a annoté. Certains labels, comme le parking ou la caravane, sont ignorés par "
        "le score officiel.",
        35,
    )
    rows = facts["reference"]["categories"]
    table(
        slide, ["", "Catégorie", "Labels évalués"],
        [["", f"{row['id']}  {row['fr']}", row["labels"] or "aucun"] for row in rows],
        [0.6, 2.9, 8.7], left=(0, 1, 2),
    )  # fmt: skip
    for place, row in enumerate(rows, 1):
        y = FULL.y + place * SMALLEST_POINTS / 72 * 1.9 + 0.12
        swatch = slide.shapes.add_shape(
            MSO_SHAPE.RECTANGLE, *Frame(FULL.x + 0.1, y, 0.4, 0.28).emu()
        )
        swatch.fill.solid()
        swatch.fill.fore_color.rgb = color(row["color"])
        swatch.line.fill.background()
        flat(swatch)


def _data(deck: Deck, facts: Facts) -> None:
    city = facts["reference"]["cityscapes"]
    slide = deck.slide(
        "Les données : un Cityscapes réduit et trois appuis",
        "Nous n’avions pas la pleine résolution. La copie a perdu une bonne part des choses fines "
        ": c’est une cause des scores faibles sur objets et humains. Cityscapes ne se redistribue "
        "pas, d’où les scènes de synthèse à l’écran.",
        40,
    )
    table(
        slide, ["Jeu", "Appr.", "Val.", "Taille", "Conditions"],
        [row[:5] for row in facts["reference"]["data"]], [2.6, 1.3, 1.2, 2.9, 4.2],
    )  # fmt: skip
    points(slide, [
        f"Cityscapes 256 | {city['ambiguous']} de pixels ambigus, ignorés ; "
        f"{city['lost_thin']} des objets et humains perdu",
        "Un seul cadrage | la même fonction à l’apprentissage, à la mesure et en service",
    ], Frame(y=4.5, height=2.2))  # fmt: skip


def _rules(deck: Deck) -> None:
    slide = deck.slide(
        "La métrique : IoU, dans une seule matrice pour tout le jeu",
        "Vrais positifs sur l’union. L’exactitude par pixel flatte : sol et constructions couvrent "
        "presque tout. Beaucoup de chiffres publiés sont des IoU douces ou des moyennes par image "
        ": non comparables.",
        45,
    )
    points(slide, [
        "IoU | intersection de la vérité et du masque, divisée par leur union",
        "Une matrice | comptée sur tout le jeu, à la résolution des labels",
        "Pas l’exactitude | aveugle aux humains, on resterait « exact »",
        "Vérifiée | matrice par matrice contre les scripts officiels de Cityscapes",
        "La confiance aussi | elle doit dire vrai : erreur de calibration (ECE)",
    ], FULL)  # fmt: skip


def _protocols(deck: Deck, facts: Facts) -> None:
    city = facts["model"]["scores"]["cityscapes_256"]
    slide = deck.slide(
        "Deux protocoles : le même modèle, deux scores",
        "Le protocole seul déplace le score de plusieurs points. Toujours demander : quel jeu, "
        "quel partage, quelle résolution, quel protocole.",
        40,
    )
    for frame, name, value, what in (
        (LEFT, "Officiel", city["official"], "sept catégories ; void et labels ignorés ne comptent "
         "nulle part ; void ne peut pas gagner"),
        (RIGHT, "Avec void", city["with_void"], "huit catégories ; void compte comme les autres ; "
         "plus sévère"),
    ):  # fmt: skip
        text(slide, [name], Frame(frame.x, 1.6, frame.width, 0.7), 28)
        text(slide, [value], Frame(frame.x, 2.3, frame.width, 1.5), 66, "#0b5394")
        text(slide, [what], Frame(frame.x, 4.0, frame.width, 1.8))
    text(slide, [f"Modèle servi, {city['title']}, validation, {city['photos']} photos"],
         Frame(y=6.0, height=0.6), 20, "#5c6b7a")  # fmt: skip


def _spread(deck: Deck, facts: Facts) -> None:
    seeds = facts["study"]["seeds"]
    slide = deck.slide(
        "Un écart n’est cru que s’il dépasse le hasard",
        "Même graine, mêmes photos dans le même ordre : la différence est comptée graine par "
        "graine. Trois graines restent peu : nous disons « gain », jamais « prouvé ».",
        45,
    )
    points(slide, [
        f"Graines | {seeds} par variante, tirages et ordre compris",
        "Apparié | chaque gain est une différence à graine égale",
        "La règle | « gain » si moyenne moins écart type reste positive, « perte » à l’inverse",
        "Sinon | « dans l’écart entre graines » : nous ne concluons pas",
        "Dernier pas | aucune époque n’est choisie par les photos qui jugent",
    ], FULL)  # fmt: skip
