"""Microsoft's worker library, PyPI azure-functions-runtime, driven as its proxy worker does.

Imports nothing else that is installed, so that it runs beside an unpacked deployment package too.
"""

import asyncio
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
        from azure_functions_runtime.native_invocation import invocation_request_native

        def strings(values: dict[str, str]) -> dict[str, Any]:
            return {key: Datum(value, "string") for key, value in values.items()}

        request = {
            "method": Datum(method, "string"), "url": Datum(url, "string"),
            "headers": {}, "query": {}, "params": strings(params), "body": Datum(body, "bytes"),
        }  # fmt: skip
        function = self.functions[name]
        trigger = next(n for n, b in function.bindings.items() if b.type == "httpTrigger")
        ok, answer, _, error, _ = self._loop.run_until_complete(
            invocation_request_native(
                str(uuid.uuid4()), function.function_id, [(trigger, Datum(request, "http"))], {}
            )
        )
        assert ok, error
        value = answer.value
        headers = {key: header.value for key, header in value["headers"].items()}
        return int(value["status_code"].value), headers, value["body"].value
