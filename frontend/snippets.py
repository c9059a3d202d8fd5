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


def curl(url: str, format: str, *, keyed: bool, audience: str = "") -> str:
    """Return a shell command that saves the answer.

    Args:
        url: the service's address, without /api.
        format: one of `FILES`.
        keyed: whether the service wants a function key.
        audience: for whom it wants an Entra token, such as api://...; empty: it wants none.
    """
    login, headers = "", f"  -H 'x-functions-key: {KEY}' \\\n" if keyed else ""
    if audience:
        resource = shlex.quote(audience)
        get = f"az account get-access-token --resource {resource} \\\n  --query accessToken -o tsv"
        login = f'TOKEN="$({get})"\n'
        headers += '  -H "Authorization: Bearer $TOKEN" \\\n'
    address = shlex.quote(_address(url, format))
    options = f"--data-binary @street.jpg \\\n  -o {FILES[format]}"
    return f"{login}curl --fail \\\n{headers}  {options} \\\n  {address}"


def python(url: str, format: str, *, keyed: bool, audience: str = "") -> str:
    """Return a program that uses future_vision.py; arguments as of `curl`."""
    imports = token = ""
    login = f', key="{KEY}"' if keyed else ""
    if audience:
        imports = "from azure.identity import DefaultAzureCredential, get_bearer_token_provider\n"
        scope = json.dumps(f"{audience}/.default")
        token = f"token = get_bearer_token_provider(DefaultAzureCredential(), {scope})\n"
        login += ", token=token"
    start = f"""{imports}from future_vision import Client

{token}client = Client({json.dumps(url)}{login})
"""
    if format == "json":
        return f"""{start}prediction = client.predict("street.jpg")
print(prediction.model, prediction.timings_ms["total"], "ms")
for name, share in prediction.shares.items():
    print(f"{{name:14}}{{share:6.1%}}")
"""
    return f"""from pathlib import Path

{start}picture = client.render("street.jpg", "{format}")
Path("{FILES[format]}").write_bytes(picture.data)
"""


def javascript(url: str, format: str, *, keyed: bool, audience: str = "") -> str:
    """Return a function of a photo (a File or Blob), and a token; arguments as of `curl`."""
    given, whence = "photo", '// photo: a File, as of <input type="file">'
    headers = [f'"x-functions-key": "{KEY}"'] if keyed else []
    if audience:
        given = "photo, token"
        scope = json.dumps(f"{audience}/.default")
        whence += f"\n// token: for {scope}, as of @azure/identity or @azure/msal-browser"
        headers.append("Authorization: `Bearer ${token}`")
    login = f"    headers: {{ {', '.join(headers)} }},\n" if headers else ""
    kind = "json" if format == "json" else "blob"
    use = f"const {{ model, categories, mask }} = await segment({given});"
    if format != "json":
        use = f"image.src = URL.createObjectURL(await segment({given}));"
    return f"""async function segment({given}) {{
  const answer = await fetch({json.dumps(_address(url, format))}, {{
    method: "POST",
{login}    body: photo,
  }});
  if (!answer.ok) throw new Error(`${{answer.status}} ${{await answer.text()}}`);
  return answer.{kind}();
}}

{whence}
{use}
"""


def _address(url: str, format: str) -> str:
    return f"{url}/api/predict?format={format}"
