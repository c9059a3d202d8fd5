"""Resource types that bicep-check's file lacks, as far as the templates use them.

Written down from https://learn.microsoft.com/azure/templates/ (2026-11-23), by the names of the
properties. A dict is an object, a list an array of its only item, a tuple the texts allowed; "!" at
a name's end means required, "?" that only Azure sets it.
"""

from typing import Any

QUEUES = {
    "cors": {"corsRules": [{
        "allowedHeaders!": [str], "allowedMethods!": [str], "allowedOrigins!": [str],
        "exposedHeaders!": [str], "maxAgeInSeconds!": int,
    }]},
}  # fmt: skip

QUEUE = {"approximateMessageCount?": int, "metadata": dict}

TOPIC = {
    "source": str, "topicType": str, "metricResourceId?": str, "provisioningState?": str,
}  # fmt: skip

IDENTITY = {
    "type": ("None", "SystemAssigned", "SystemAssigned, UserAssigned", "UserAssigned"),
    "principalId?": str, "tenantId?": str, "userAssignedIdentities": dict,
}  # fmt: skip

DESTINATION = {
    "endpointType!": (
        "AzureFunction", "EventHub", "HybridConnection", "MonitorAlert", "NamespaceTopic",
        "ServiceBusQueue", "ServiceBusTopic", "StorageQueue", "WebHook",
    ),
    # Of the queue and of the web hook.
    "properties": {
        "resourceId": str, "queueName": str, "queueMessageTimeToLiveInSeconds": int,
        "endpointUrl": str,
    },
}  # fmt: skip

SUBSCRIPTION = {
    "deliveryWithResourceIdentity": {
        "identity": {"type": ("SystemAssigned", "UserAssigned"), "userAssignedIdentity": str},
        "destination": DESTINATION,
    },
    "destination": DESTINATION,
    "eventDeliverySchema": ("CloudEventSchemaV1_0", "CustomInputSchema", "EventGridSchema"),
    "expirationTimeUtc": str,
    "filter": {
        "advancedFilters": [dict], "enableAdvancedFilteringOnArrays": bool,
        "includedEventTypes": [str], "isSubjectCaseSensitive": bool, "subjectBeginsWith": str,
        "subjectEndsWith": str,
    },
    "labels": [str],
    "retryPolicy": {"eventTimeToLiveInMinutes": int, "maxDeliveryAttempts": int},
}  # fmt: skip

TAGGED = {"location!": str, "tags": dict}
TYPES: dict[str, dict[str, Any]] = {
    "Microsoft.Storage/storageAccounts/queueServices@2025-08-01": {"properties": QUEUES},
    "Microsoft.Storage/storageAccounts/queueServices/queues@2025-08-01": {"properties": QUEUE},
    "Microsoft.EventGrid/systemTopics@2025-02-15": {
        **TAGGED, "identity": IDENTITY, "properties": TOPIC
    },
    "Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15": {"properties": SUBSCRIPTION},
}  # fmt: skip

REQUIRED, READ_ONLY = 1, 2
RESOURCE_GROUP = 8
SCALARS = {str: "StringType", int: "IntegerType", bool: "BooleanType", dict: "AnyType"}


def with_more_types(types: dict[str, Any]) -> dict[str, Any]:
    """Add them to the content of bicep-check's file, and return it."""
    for full, properties in TYPES.items():
        name, _, version = full.partition("@")
        known = {"id?": str, "name!": str, "type?": str, "apiVersion?": str}
        body = _add(types["types"], known | properties, name)
        types["resources"][full.lower()] = {"name": full, "body": body, "scopes": RESOURCE_GROUP}
        types["versions"].setdefault(name.lower(), []).append(version)
    return types


def _add(types: list[dict[str, Any]], kind: Any, name: str) -> int:
    """Append a type, and return its place."""
    if isinstance(kind, dict):
        added = {"$type": "ObjectType", "name": name, "properties": {
            key.rstrip("!?"): {
                "type": {"$ref": _add(types, of, key)},
                "flags": REQUIRED * key.endswith("!") + READ_ONLY * key.endswith("?"),
            }
            for key, of in kind.items()
        }}  # fmt: skip
    elif isinstance(kind, list):
        added = {"$type": "ArrayType", "itemType": {"$ref": _add(types, kind[0], name)}}
    elif isinstance(kind, tuple):
        literals = [{"$type": "StringLiteralType", "value": value} for value in kind]
        places = [{"$ref": len(types) + n} for n in range(len(kind))]
        types.extend(literals)
        added = {"$type": "UnionType", "elements": places}
    else:
        added = {"$type": SCALARS[kind]}
    types.append(added)
    return len(types) - 1
