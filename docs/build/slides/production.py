"""Production and demonstration: the last five minutes, and the backup slide."""

from pathlib import Path

from docs.build.diagrams import DEPLOYMENT, LIFECYCLE
from docs.build.facts import Facts
from docs.build.slides.template import (
    FULL,
    SMALLEST_POINTS,
    Deck,
    Frame,
    add_diagram,
    picture,
    points,
    table,
)

EXPLORER = Path("docs/images/explorer.png")


def add_production(deck: Deck, facts: Facts) -> None:
    """Add a model's way, deployment, times, money, demonstration, limits, next steps, backup."""
    _lifecycle(deck, facts)
    _deployment(deck)
    _times(deck, facts)
    _cost(deck, facts)
    _demo(deck)
    _limits(deck)
    _next(deck)
    _backup(deck, facts)


def _lifecycle(deck: Deck, facts: Facts) -> None:
    learning = facts["learning"]
    slide = deck.slide(
        "De Keras au service, sans redéploiement",
        f"Parité : même catégorie sur {learning['agreement']} des pixels de "
        f"{learning['photos_parity']} photos. Un paquet dont l’empreinte ne correspond pas ne "
        "remplace jamais un bon.",
        40,
    )
    add_diagram(slide, LIFECYCLE, Frame(y=1.6))
    points(slide, [
        "Chaque étape peut refuser | parité, score, perte en 8 bits, empreinte",
        "Une minute | les fonctions en cours voient le nouveau modèle et l’échangent à chaud",
    ], Frame(y=4.9, height=1.7))  # fmt: skip


def _deployment(deck: Deck) -> None:
    slide = deck.slide(
        "Déploiement : une API, un stockage privé sans clé",
        "Tout est en Bicep, une commande. Être honnête : aucun Azure sous la main, les gabarits "
        "sont vérifiés hors ligne ; la liste de ce qui reste à prouver est dans la documentation.",
        40,
    )
    add_diagram(slide, DEPLOYMENT)


def _times(deck: Deck, facts: Facts) -> None:
    service = facts["service"]
    slide = deck.slide(
        "Temps : le réseau d’abord, puis le décodage",
        "Millisecondes de la machine de mesure ; les rapports voyagent mieux. Plancher : décodeur, "
        "réseau et encodeur les plus rapides. Naïf : Pillow, NumPy et réseau flottant.",
        35,
    )
    table(
        slide, ["Photo", "CPU ms", "/ plancher", "/ naïf"],
        [[row[0], row[1], row[5], row[6]] for row in service["times"]], [4.6, 2.2, 2.4, 2.2],
    )  # fmt: skip
    points(slide, [
        f"Débit | {service['crowd']} JPEG par seconde sur {service['cores']} cœurs, "
        f"p99 {service['p99']} ms à {service['clients']} clients",
        f"Mémoire | {service['memory']} Mo au plus, {service['memory_clients']} photos à la fois",
        f"À froid | {service['cold']['seconds']} s de calcul jusqu’au premier masque, hors Azure",
        f"Par lots | {service['batches']['scenes']} photos, processus tués : mêmes masques",
    ], Frame(y=4.1, height=3.0))  # fmt: skip


def _cost(deck: Deck, facts: Facts) -> None:
    cost = facts["service"]["cost"]
    slide = deck.slide(
        "Coût : l’explorateur d’abord, les appels ensuite",
        f"Calculé, non facturé : prix {cost['region']} du {cost['as_of']}. De « instances toujours "
        "occupées » à « chaque photo seule ». Faible charge : l’explorateur et les alertes "
        "dominent. ",
        30,
    )
    kept = ("fonction", "journaux", "explorateur", "total")
    table(
        slide, ["USD par mois", *cost["months"]],
        [line for line in cost["lines"] if line[0] in kept], [3.4, 2.6, 3.0, 3.2],
    )  # fmt: skip
    points(slide, [f"Mille prédictions | {cost['thousand']} USD",
                 f"Toujours prête | {cost['ready']} USD par mois de plus, par instance"],
         Frame(y=4.6, height=1.8))  # fmt: skip


def _demo(deck: Deck) -> None:
    slide = deck.slide(
        "Démonstration : make demo",
        "Lancer make demo avant l’exposé. Un : ouvrir une scène, prédire, déplacer le rideau. "
        "Deux : carte de confiance et pixels faux. Trois : envoyer une photo à soi. Quatre : la "
        "ligne curl, le masque. Si le réseau manque : tout est local.",
        90,
    )
    picture(slide, EXPLORER, Frame(x=6.6, width=6.2), "l’explorateur et une scène de synthèse",
            rows=(0.26, 0.8))  # fmt: skip
    points(slide, [
        "Explorer | photo, vérité, masque, rideau",
        "Douter | carte de confiance, pixels faux",
        "Essayer | sa propre photo",
        "Appeler | curl, ou le client Python d’un fichier",
    ], Frame(width=5.9), lead=1.7)  # fmt: skip


def _limits(deck: Deck) -> None:
    slide = deck.slide(
        "Limites et éthique",
        "Ne pas passer vite : scores de validation, données réduites, une seule région du monde, "
        "données personnelles, droits.",
        35,
    )
    points(slide, [
        "Validation | pas encore de test en pleine résolution ; l’étude ordonne, sans fixer de "
        "niveau",
        "Domaine | Europe, jour, pare-brise ; équité entre personnes non mesurée",
        "Vie privée | rien n’est gardé d’une photo envoyée ; flouter ce que l’on stocke",
        "Droits | Cityscapes ne se redistribue pas ; poids pour la recherche",
        "Sécurité | ne pas conduire une voiture avec",
    ], FULL)  # fmt: skip


def _next(deck: Deck) -> None:
    slide = deck.slide(
        "Suites, par ordre d’utilité",
        "Conclure : un petit réseau, mesuré selon la règle, dont la confiance est utilisable. "
        "Questions.",
        30,
    )
    points(slide, [
        "Pleine résolution | mêmes configurations, sur processeur graphique, puis le test",
        "Distillation | d’un grand modèle vers celui-ci",
        "Choses fines | perte de bords, entrée plus grande là où c’est utile",
        "Domaine | nuit, pluie, autres continents",
        "En vrai | premier déploiement, suivi de la dérive par les parts de catégories",
    ], FULL)  # fmt: skip


def _backup(deck: Deck, facts: Facts) -> None:
    budget, study = facts["learning"]["budget"], facts["study"]
    slide = deck.slide(
        "Secours : le protocole de l’étude",
        "Pour les questions. Tout est dans training/configs/study, une ligne de table par "
        "entraînement dans results/study.",
    )
    weights = ", ".join(f"{name} {value}" for name, value in budget["weights"].items())
    points(slide, [
        f"Entrée | {budget['input']}, {budget['views']} vues, {budget['steps']} pas de "
        f"{budget['batch']}, montée sur {budget['warmup']} pas puis cosinus",
        f"Optimiseur | AdamW, {budget['rate']}, décroissance {budget['decay']}",
        f"Perte | entropie croisée {budget['loss']['cross_entropy']}, Dice "
        f"{budget['loss']['dice']} ; poids {weights}",
        f"Graines | {study['seeds']}, même ordre de photos à graine égale",
        "Évaluation | poids du dernier pas, ONNX flottant et 8 bits, résolution des labels",
        "Temps | un fil, entrelacé avec le modèle servi, le plus court de plusieurs tours",
        f"Jeux jugés | {', '.join(study['sets'])} (validation)",
    ], size=SMALLEST_POINTS + 2)  # fmt: skip
