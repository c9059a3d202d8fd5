"""Progress is overwritten on a terminal, and whole lines elsewhere."""

import io
import re
import sys

import pytest

from local.progress import counter, step


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_file_gets_whole_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with step("Drawing") as note:
        show = counter("drawing scene")
        for done in range(1, 41):
            show(done, 40)
        note("40 scenes")
    large = counter("uploading kB")
    for done in (0, 7, 8, 30):
        large(done, 30)
    counter("nothing")(0, 0)
    lines = capsys.readouterr().out.splitlines()
    assert [lines.pop() for _ in range(3)][::-1] == [
        "  uploading kB 7/30", "  uploading kB 30/30", "  nothing 0/0",
    ]  # fmt: skip
    assert lines[0] == "Drawing ..."
    assert lines[1:-1] == [f"  drawing scene {done}/40" for done in range(4, 41, 4)]
    assert re.fullmatch(r"Drawing +0\.0 s  40 scenes", lines[-1])


def test_a_terminal_s_line_is_overwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    with step("Drawing"):
        counter("drawing scene")(1, 40)
    first, second, last = terminal.getvalue().split("\r")[1:]
    assert (first, second.rstrip()) == ("Drawing ...", "  drawing scene 1/40")
    assert len(second) == len("Drawing".ljust(36))
    assert last.endswith(" s\n")


def test_what_failed_has_no_time(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="x"), step("Drawing"):
        raise ValueError("x")
    assert capsys.readouterr().out == "Drawing ...\n"
