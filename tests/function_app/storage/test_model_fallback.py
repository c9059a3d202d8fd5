"""A model that cannot be used never replaces one that can, on a cold instance neither."""

import json

import pytest
from azure.storage.blob import ContainerClient

from function_app.storage.model_store import ModelStore
from function_app.storage.published_models import NoModel, Refused
from function_app.vision.model_package import ModelRef
from tests.function_app.storage.conftest import Publish, activate, damage, wait_for
from tests.helpers.waiting import wait_until

DAMAGES = {
    "model bytes": "has sha256",
    "model missing": "model.onnx is missing",
    "manifest": "cannot be used",
    "package missing": "is not published",
    "pointer": "active.json cannot be used",
    "pointer missing": "no model is published and activated",
}


@pytest.mark.parametrize("damaged", DAMAGES)
@pytest.mark.usefixtures("impatient")
def test_a_bad_package_never_replaces_a_good_one(
    models: ContainerClient, publish: Publish, damaged: str
) -> None:
    good, bad = publish("1.0.0"), publish("1.0.1")
    activate(good, models)
    warm = ModelStore()
    wait_for(warm, good)
    activate(bad, models)
    match damaged:
        case "model bytes":
            damage(models, bad)
        case "model missing":
            models.delete_blob(bad.prefix + "model.onnx")
        case "manifest":
            models.upload_blob(bad.prefix + "manifest.json", b"{}", overwrite=True)
        case "package missing":
            models.delete_blob(bad.prefix + "manifest.json")
        case "pointer":
            models.upload_blob("active.json", b"not json", overwrite=True)
        case "pointer missing":
            models.delete_blob("active.json")
    wait_until(lambda: warm.choice().refused)
    model, refused = warm.choice()
    assert refused is not None
    assert (model.manifest.ref, warm.expected()) == (good, good)
    assert DAMAGES[damaged] in refused.reason
    if "pointer" in damaged:
        assert refused.model is None
        with pytest.raises(NoModel, match=DAMAGES[damaged]):
            ModelStore().choice()
    else:
        cold, why = ModelStore().choice()
        assert cold.manifest.ref == good, "a cold instance serves the same"
        assert refused == why == Refused(bad, refused.reason)
    activate(good, models)
    wait_for(warm, good)


def test_a_cold_instance_goes_back_until_a_model_can_be_used(
    models: ContainerClient, publish: Publish, reads: list[ModelRef]
) -> None:
    refs = oldest, older, newer, newest = [publish(f"1.0.{n}") for n in range(4)]
    named = [{"name": ref.name, "version": ref.version, "since": None}
             for ref in (newest, newer, newest, older, oldest)]  # fmt: skip
    models.upload_blob("active.json", json.dumps({**named[0], "history": named}))
    damage(models, newest)
    damage(models, newer)
    store = ModelStore()
    for _ in range(3):
        model, refused = store.choice()
        assert (model.manifest.ref, refused and refused.model) == (older, newest)
    assert reads == [newest, newer, older], "each once, and none behind the one that serves"
    assert refused is not None
    assert refused.reason.startswith("tiny:1.0.3: model.onnx has sha256")
    for ref in refs:
        damage(models, ref)
    with pytest.raises(NoModel, match=r"tiny:1\.0\.3: model.onnx has sha256"):
        ModelStore().choice()


GOOD, BAD = ({"name": "tiny", "version": f"1.0.{patch}"} for patch in (0, 1))
UNUSABLE = [None, 1, {"name": "tiny"}, {"name": "TINY", "version": "1.0.0"}, {"version": None}]


@pytest.mark.parametrize(
    ("pointer", "refused"),
    [
        *((GOOD | {"history": history}, "") for history in (None, "x", [1], {}, [{"name": "t"}])),
        (BAD | {"history": [*UNUSABLE, GOOD, *UNUSABLE]}, "tiny:1.0.1: model.onnx has sha256"),
        *(
            (active | {"history": [GOOD]}, "active.json cannot be used: ")
            for active in ({}, {"name": None, "version": "1.0.0"}, {"name": "TINY", "version": 1})
        ),
    ],
)
def test_entries_of_the_pointer_that_cannot_be_used_hide_no_good_one(
    models: ContainerClient, publish: Publish, pointer: dict[str, object], refused: str
) -> None:
    good, bad = publish("1.0.0"), publish("1.0.1")
    damage(models, bad)
    models.upload_blob("active.json", json.dumps(pointer))
    store = ModelStore()
    assert store.expected() == (bad if pointer.get("version") == bad.version else good)
    model, why = store.choice()
    assert model.manifest.ref == good
    assert bool(why) == bool(refused)
    assert (why.reason if why else "").startswith(refused)
