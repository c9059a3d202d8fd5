"""Microsoft's worker library, PyPI azure-functions-runtime, driven as its proxy worker does.

Imports nothing else that is installed, so that it runs beside an unpacked deployment package too.
"""

import asyncio
import json
import types
import uuid
from pathlib import Path
from typing import Any


class Message(types.SimpleNamespace):
    """Stands in for a protobuf message: the library only sets and reads attributes."""


class Protos:
    """Stands in for the generated protobuf module, which is not published with the library."""

    class StatusResult(Message):
        Failure, Success, Cancelled = 0, 1, 2

    class BindingInfo(Message):
        undefined, out, inout = 0, 1, 2

    def __getattr__(self, name: str) -> type[Message]:
        message = type(name, (Message,), {})
        setattr(self, name, message)
        return message


class Worker:
    """Microsoft's worker library with our app loaded."""

    def __init__(self, project: Path) -> None:
        import azure_functions_runtime as runtime

        self._runtime, self._loop = runtime, asyncio.new_event_loop()
        self.sent: list[str] = []
        runtime.start_threadpool_executor()
        request = types.SimpleNamespace(
            worker_init_request=Message(capabilities={}, function_app_directory=str(project))
        )
        properties = {"host": "127.0.0.1", "protos": Protos()}
        init = Message(properties=properties, request=request)
        answer = self._loop.run_until_complete(runtime.worker_init_request(init))
        assert answer.result.status == Protos.StatusResult.Success, answer.result
        metadata = self._loop.run_until_complete(
            runtime.functions_metadata_request(Message(request=None))
        )
        self.functions = {f.name: f for f in metadata.function_metadata_results}

    def close(self) -> None:
        self._runtime.stop_threadpool_executor()
        self._loop.close()

    def invoke(
        self, name: str, method: str, url: str, body: bytes = b"", **params: str
    ) -> tuple[int, dict[str, str], bytes]:
        from azure_functions_runtime.bindings.datumdef import Datum

        def strings(values: dict[str, str]) -> dict[str, Any]:
            return {key: Datum(value, "string") for key, value in values.items()}

        request = {
            "method": Datum(method, "string"), "url": Datum(url, "string"),
            "headers": {}, "query": {}, "params": strings(params), "body": Datum(body, "bytes"),
        }  # fmt: skip
        answer, self.sent = self._run(name, "httpTrigger", Datum(request, "http"), {})
        value = answer.value
        headers = {key: header.value for key, header in value["headers"].items()}
        return int(value["status_code"].value), headers, value["body"].value

    def deliver(self, name: str, message: str, deliveries: int = 1) -> list[str]:
        """Have a queue's message delivered; return the messages that follow."""
        from azure_functions_runtime.bindings.datumdef import Datum

        metadata = {
            "Id": Datum(str(uuid.uuid4()), "string"), "PopReceipt": Datum("p", "string"),
            "DequeueCount": Datum(str(deliveries), "json"),
        }  # fmt: skip
        _, sent = self._run(name, "queueTrigger", Datum(message, "string"), metadata)
        return sent

    def _run(
        self, name: str, kind: str, data: Any, metadata: dict[str, Any]
    ) -> tuple[Any, list[str]]:
        from azure_functions_runtime.native_invocation import invocation_request_native

        function = self.functions[name]
        trigger = next(n for n, b in function.bindings.items() if b.type == kind)
        ok, answer, outputs, error, _ = self._loop.run_until_complete(
            invocation_request_native(
                str(uuid.uuid4()), function.function_id, [(trigger, data)], metadata
            )
        )
        assert ok, error
        # A list goes to the host as JSON, which makes a message of every item.
        return answer, [message for _, datum in outputs for message in json.loads(datum.value)]
