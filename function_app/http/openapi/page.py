"""The contract as one HTML page: no script, nothing loaded from anywhere."""

import base64
import hashlib
import json
import re
from html import escape
from typing import Any

from function_app.http.openapi.examples import ADDRESS
from function_app.http.openapi.problems import PREFIX, PROBLEMS

STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #566070; --line: #d9dee6; --paper: #fff;
  --code: #f3f5f8; --accent: #0b5cad; --get: #1d7a46; --post: #9a4b00 }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --soft: #9aa5b4; --line: #333c48;
  --paper: #14181e; --code: #1d232b; --accent: #7db7f0; --get: #6fcf97; --post: #f0b070 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 56rem; padding: 1.5rem 1rem 4rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: break-word }
h1 { margin: 0; font-size: 1.7rem } h2 { margin: 2.8rem 0 0; font-size: 1.3rem }
h3 { margin: 0; font-size: 1.05rem; font-weight: 600 } a { color: var(--accent) }
p { margin: .5rem 0 } .soft { color: var(--soft) }
nav ul { padding: 0; list-style: none; columns: 18rem; font-size: .92rem }
article { border-top: 1px solid var(--line); margin-top: 1.2rem; padding-top: 1.2rem }
code, pre { font: .86rem/1.5 ui-monospace, Menlo, Consolas, monospace; background: var(--code);
  border-radius: 4px } code { padding: .1em .3em }
pre { padding: .8rem; overflow-x: auto; margin: .4rem 0 }
.route { display: block; padding: .45rem .6rem; margin: .4rem 0 }
.get { color: var(--get); font-weight: 700 } .post,
.delete { color: var(--post); font-weight: 700 }
table { width: 100%; border-collapse: collapse; font-size: .92rem; margin: .6rem 0 }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0;
  border-top: 1px solid var(--line) } th { font-weight: 600; white-space: nowrap }
summary { cursor: pointer; color: var(--accent); font-size: .92rem }
@media (max-width: 34rem) { th, td { display: block; padding-right: 0 }
  td { border: 0; padding-top: 0 } }
"""

_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy of the page: its own style and nothing else."""


def render_page(document: dict[str, Any], address: str) -> str:
    """Render an OpenAPI document of this service.

    Args:
        document: see `function_app.http.openapi.document`.
        address: where the service is, prefix included; examples name it.
    """
    info = document["info"]
    operations = [
        (path, method, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "head"
    ]
    sections = []
    for tag in dict.fromkeys(operation["tags"][0] for _, _, operation in operations):
        articles = [_article(*row, address) for row in operations if row[2]["tags"][0] == tag]
        sections.append(f"<h2>{escape(tag)}</h2>{''.join(articles)}")
    links = "".join(
        f'<li><a href="#{operation["operationId"]}"><span class="{method}">{method.upper()}</span> '
        f"{escape(path)}</a></li>"
        for path, method, operation in operations
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(info["title"])}: API</title><link rel="icon" href="data:,">'
        f"<style>{STYLE}</style></head><body><header><h1>{escape(info['title'])}</h1>"
        f"<p>{_text(info['description'])}</p>"
        f'<p class="soft">Address <code>{escape(address)}</code> · contract '
        f'<a href="{escape(address)}/openapi.json">openapi.json</a> (OpenAPI '
        f"{escape(document['openapi'])})</p></header><nav><ul>{links}</ul></nav>"
        f"<main>{''.join(sections)}{_problems()}{_schemas(document)}</main></body></html>"
    )


def _article(path: str, method: str, operation: dict[str, Any], address: str) -> str:
    key = " · needs a function key" if operation["security"] else ""
    parts = [
        f'<article id="{operation["operationId"]}"><h3>{escape(operation["summary"])}</h3>',
        f'<code class="route"><span class="{method}">{method.upper()}</span> '
        f"{escape(address + path)}</code>",
        f'<p>{_text(operation["description"])}<span class="soft">{key}</span></p>',
    ]
    if "requestBody" in operation:
        parts.append(f"<p>Body: {_text(operation['requestBody']['description'])}</p>")
    parameters = [p for p in operation["parameters"] if p["in"] != "header"]
    if parameters:
        parts.append(_table((_name(p), _text(p["description"]) + _choices(p)) for p in parameters))
    answers = operation["responses"].items()
    parts.append(
        f"<details><summary>Answers</summary>"
        f"{_table((escape(status), _answer(answer)) for status, answer in answers)}</details>"
    )
    for index, sample in enumerate(operation.get("x-codeSamples", ())):
        source = escape(sample["source"].replace(ADDRESS, address))
        parts.append(
            f"<details{'' if index else ' open'}><summary>{escape(sample['label'])}</summary>"
            f"<pre>{source}</pre></details>"
        )
    return "".join(parts) + "</article>"


def _name(parameter: dict[str, Any]) -> str:
    mark = "?" if parameter["in"] == "query" else ""
    return f"<code>{mark}{escape(parameter['name'])}</code>"


def _choices(parameter: dict[str, Any]) -> str:
    schema = parameter["schema"]
    words = [f"one of {', '.join(schema['enum'])}"] if "enum" in schema else []
    if "maximum" in schema:
        words.append(f"{schema['minimum']} to {schema['maximum']}")
    if schema.get("default", "") != "":
        words.append(f"default {json.dumps(schema['default']).strip(chr(34))}")
    return f' <span class="soft">{escape("; ".join(words))}</span>' if words else ""


def _answer(answer: dict[str, Any]) -> str:
    media = ", ".join(f"<code>{escape(name)}</code>" for name in answer.get("content", {}))
    headers = ", ".join(f"<code>{escape(name)}</code>" for name in answer.get("headers", {}))
    described = _text(answer["description"])
    return "<br>".join(filter(None, (described, media, headers and f"Headers: {headers}")))


def _problems() -> str:
    rows = (
        (f"{status} <code>{escape(name)}</code>", _text(meaning))
        for name, (status, meaning) in PROBLEMS.items()
    )
    return f"<h2>Problems</h2><p>Each type begins with <code>{PREFIX}</code>.</p>{_table(rows)}"


def _schemas(document: dict[str, Any]) -> str:
    blocks = "".join(
        f"<details><summary>{escape(name)}</summary><pre>{escape(json.dumps(schema, indent=1))}"
        "</pre></details>"
        for name, schema in document["components"]["schemas"].items()
    )
    return f"<h2>Schemas</h2>{blocks}"


def _table(rows: Any) -> str:
    body = "".join(f"<tr><th>{name}</th><td>{text}</td></tr>" for name, text in rows)
    return f"<table>{body}</table>"


def _text(text: str) -> str:
    """Escape a text, its `code` marked as such."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
