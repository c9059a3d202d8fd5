"""Queues: what batches and uploads wait in, and who tells of uploads."""

from collections.abc import Iterator

from function_app.batches import messages, uploads
from function_app.settings import Settings
from function_app.storage.scene_store import PHOTO_PREFIX
from tests.infra.bicep.deployment import (
    ACCOUNT,
    QUEUE,
    QUEUE_SERVICE,
    SUBSCRIPTION,
    TOPIC,
    Deployment,
    differences,
)

QUEUES = (messages.QUEUE, messages.POISON, uploads.QUEUE, f"{uploads.QUEUE}-poison")
"""Of the data account; the host's has none."""

PHOTOS = f"/blobServices/default/containers/{Settings().scenes_container}/blobs/{PHOTO_PREFIX}"


def queues_are_those_that_functions_listen_to_and_their_poison_queues(
    of: Deployment,
) -> Iterator[str]:
    names = sorted(of.short(queue["id"]) for queue in of.of(QUEUE))
    wanted = sorted(f"stdata/queues/{name}" for name in QUEUES)
    if names != wanted:
        yield f"queues are {names}, not {wanted}"
    if len(of.of(QUEUE_SERVICE)) != 1:
        yield f"queue services: {[service['name'] for service in of.of(QUEUE_SERVICE)]}"


def uploads_are_told_of_if_asked_for(of: Deployment) -> Iterator[str]:
    asked = int(of.wanted.predict_on_upload)
    for kind in (TOPIC, SUBSCRIPTION):
        if len(of.of(kind)) != asked:
            yield f"{[resource['name'] for resource in of.of(kind)]}, where {asked} were asked for"


def events_of_stored_photos_go_to_the_queue_with_an_identity(of: Deployment) -> Iterator[str]:
    """No web hook, no key; and not of masks, whose being stored would be told of in turn."""
    account = of.one(ACCOUNT, "stdata")["id"]
    for topic in of.of(TOPIC):
        # The only kind that an account in a network lets in.
        wanted = {"identity.type": "SystemAssigned", "properties.source": account}
        yield from differences(topic, wanted)
    for subscription in of.of(SUBSCRIPTION):
        delivery = "properties.deliveryWithResourceIdentity"
        filtered = "properties.filter"
        wanted = {
            "properties.destination": None,
            f"{delivery}.identity": {"type": "SystemAssigned"},
            f"{delivery}.destination.endpointType": "StorageQueue",
            f"{delivery}.destination.properties.resourceId": account,
            f"{delivery}.destination.properties.queueName": uploads.QUEUE,
            f"{filtered}.includedEventTypes": ["Microsoft.Storage.BlobCreated"],
            f"{filtered}.subjectBeginsWith": PHOTOS,
        }
        yield from differences(subscription, wanted)
