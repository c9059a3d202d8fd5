"""HTML tables of scores. Everything put into them is escaped."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape

import texts
from future_vision import Category
from scores import IoU

NONE = "\N{EN DASH}"
"""Where there is no number."""


def iou_bars(
    caption: str,
    categories: Iterable[Category],
    iou: Mapping[str, float | None],
    mean: float | None,
) -> str:
    """Tabulate the IoU of each category as bar and number, and their mean.

    Args:
        caption: says what was measured.
        categories: rows, in their order; those that `iou` does not have are left out.
        iou: by category name, 0.0 to 1.0; None where neither mask nor truth has the category.
        mean: mean IoU, 0.0 to 1.0; None where nothing could be evaluated.
    """
    rows = "".join(_bar(row, iou[row.name]) for row in categories if row.name in iou)
    head = _head(texts.text("table.category"), "", texts.text("table.iou"))
    foot = (
        f'<tr><th scope="row">{escape(texts.text("table.mean"))}</th><td></td>'
        f'<td class="fv-number">{value(mean, 3)}</td></tr>'
    )
    return _table(caption, f"{head}<tbody>{rows}</tbody><tfoot>{foot}</tfoot>", "fv-bars")


def confusion(caption: str, categories: Sequence[Category], matrix: Sequence[Sequence[int]]) -> str:
    """Tabulate a confusion matrix as shares of each row.

    Args:
        caption: says what was measured.
        categories: of rows and columns.
        matrix: pixels by true category (rows) and predicted one (columns), in order of the ids.
    """
    names = [escape(texts.category(row.name)) for row in categories]
    head = "".join(f'<th scope="col"><span>{name}</span></th>' for name in names)
    rows = "".join(
        f'<tr><th scope="row">{name}</th>{_cells(counts)}</tr>'
        for name, counts in zip(names, matrix, strict=True)
    )
    corner = escape(texts.text("table.true_predicted"))
    body = f"<thead><tr><th>{corner}</th>{head}</tr></thead><tbody>{rows}</tbody>"
    return f'<div class="fv-scroll" tabindex="0">{_table(caption, body, "fv-confusion")}</div>'


def grid(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Tabulate numbers as text: the first column names the rows."""
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>'
        + "".join(f'<td class="fv-number">{escape(other)}</td>' for other in others)
        + "</tr>"
        for first, *others in rows
    )
    table = _table(caption, f"{_head(*columns)}<tbody>{body}</tbody>", "fv-grid")
    return f'<div class="fv-scroll" tabindex="0">{table}</div>'


def pair_of_ious(
    caption: str, categories: Iterable[Category], a: IoU, b: IoU,
    mean_a: float | None, mean_b: float | None,
) -> str:  # fmt: skip
    """Tabulate what two models score, mean first, and by how much B is better."""
    means = (texts.text("table.mean_iou"), mean_a, mean_b)
    pairs = [means, *((texts.category(row.name), a[row.name], b[row.name]) for row in categories)]
    rows = [[name, value(x, 3), value(y, 3), difference(x, y, 3)] for name, x, y in pairs]
    return grid(caption, ["", "A", "B", texts.text("compare.difference")], rows)


def as_csv(rows: Iterable[Iterable[object]]) -> bytes:
    """Write a table as CSV (RFC 4180), with points as decimals; None is empty."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def value(number: float | None, digits: int) -> str:
    """Write a number with that many decimals, if there is one."""
    return NONE if number is None else texts.number(number, digits)


def difference(before: float | None, after: float | None, digits: int) -> str:
    """Write by how much `after` is more (+) or less, as they are written, if there are both."""
    if before is None or after is None:
        return NONE
    change = round(round(after, digits) - round(before, digits), digits)
    sign = "+" if change > 0 else "\N{MINUS SIGN}" if change < 0 else ""
    return sign + texts.number(abs(change), digits)


def _table(caption: str, body: str, css_class: str) -> str:
    return f'<table class="fv-table {css_class}"><caption>{escape(caption)}</caption>{body}</table>'


def _head(*columns: str) -> str:
    cells = "".join(
        f'<th scope="col">{escape(name)}</th>' if name else "<td></td>" for name in columns
    )
    return f"<thead><tr>{cells}</tr></thead>"


def _bar(category: Category, iou: float | None) -> str:
    known = re.fullmatch(r"#[0-9a-fA-F]{6}", category.color)
    style = f"width:{100 * (iou or 0):.1f}%;background:{category.color if known else 'gray'}"
    number = value(iou, 3)
    return (
        f'<tr><th scope="row">{escape(texts.category(category.name))}</th>'
        f'<td class="fv-track" aria-hidden="true"><div class="fv-bar" style="{style}"></div></td>'
        f'<td class="fv-number">{number}</td></tr>'
    )


def _cells(counts: Sequence[int]) -> str:
    total = sum(counts)
    return "".join(_cell(count / total if total else None) for count in counts)


def _cell(share: float | None) -> str:
    if share is None:
        return f'<td class="fv-number">{NONE}</td>'
    # The shade stays pale enough for the text to be read on it, in light and dark.
    style = f"--fv-share:{share:.2f}"
    return f'<td class="fv-number fv-shade" style="{style}">{texts.percent(share, 1)}</td>'
