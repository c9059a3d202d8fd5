"""What the results name in English, in the words of the note."""

ARCHITECTURES = {
    "unet": "U-Net",
    "fast_scnn": "Fast-SCNN",
    "lite0_lraspp": "Lite0 + LR-ASPP",
    "lite0_fpn": "Lite0 + FPN",
    "lite0_deeplabv3plus": "Lite0 + DeepLabV3+",
    "mobilenetv2_fpn": "MobileNetV2 + FPN",
    "mobilenetv2_lraspp": "MobileNetV2 + LR-ASPP",
    "mobilenetv2_deeplabv3plus": "MobileNetV2 + DeepLabV3+",
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
