"""Calls of the API to copy and paste, for a street photo called street.jpg."""

import json
import shlex

FILES = {
    "mask": "mask.png",
    "color": "color.png",
    "overlay": "overlay.jpg",
    "confidence": "confidence.png",
    "json": "mask.json",
}
"""What each format's answer is saved as."""

KEY = "YOUR_KEY"
"""Stands where callers put their function key."""


def curl(url: str, format: str, *, keyed: bool) -> str:
    """Return a shell command that saves the answer.

    Args:
        url: the service's address, without /api.
        format: one of `FILES`.
        keyed: whether the service wants a function key.
    """
    key = f"  -H 'x-functions-key: {KEY}' \\\n" if keyed else ""
    address = shlex.quote(_address(url, format))
    options = f"--data-binary @street.jpg \\\n  -o {FILES[format]}"
    return f"curl --fail \\\n{key}  {options} \\\n  {address}"


def python(url: str, format: str, *, keyed: bool) -> str:
    """Return a program that uses future_vision.py; arguments as of `curl`."""
    key = f', key="{KEY}"' if keyed else ""
    client = f"Client({json.dumps(url)}{key})"
    if format == "json":
        return f"""from future_vision import Client

client = {client}
prediction = client.predict("street.jpg")
print(prediction.model, prediction.timings_ms["total"], "ms")
for name, share in prediction.shares.items():
    print(f"{{name:14}}{{share:6.1%}}")
"""
    return f"""from pathlib import Path

from future_vision import Client

client = {client}
picture = client.render("street.jpg", "{format}")
Path("{FILES[format]}").write_bytes(picture.data)
"""


def javascript(url: str, format: str, *, keyed: bool) -> str:
    """Return a function of a photo (a File or Blob); arguments as of `curl`."""
    key = f'    headers: {{ "x-functions-key": "{KEY}" }},\n' if keyed else ""
    kind = "json" if format == "json" else "blob"
    use = "const { model, categories, mask } = await segment(photo);"
    if format != "json":
        use = "image.src = URL.createObjectURL(await segment(photo));"
    return f"""async function segment(photo) {{
  const answer = await fetch({json.dumps(_address(url, format))}, {{
    method: "POST",
{key}    body: photo,
  }});
  if (!answer.ok) throw new Error(`${{answer.status}} ${{await answer.text()}}`);
  return answer.{kind}();
}}

// photo: a File, as of <input type="file">
{use}
"""


def _address(url: str, format: str) -> str:
    return f"{url}/api/predict?format={format}"
