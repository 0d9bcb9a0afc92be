"""Input is data: what is shown of it, where it may be read from, what it may not do."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import socket
import unicodedata
from fractions import Fraction
from pathlib import Path

import pytest

from lpmech.answer.mechanism import Mechanism
from lpmech.base.errors import KEPT, Complaints, InputError, InputErrors
from lpmech.base.files import MAX_BYTES, read
from lpmech.base.shown import UNSEEN, escaped, json_text, shown, shown_lines
from lpmech.base.spreadsheets import cell, content
from lpmech.cli import main
from lpmech.question.distribution import Distribution
from lpmech.question.environments.partnership import Partner, Partnership
from lpmech.question.environments.social_choice import SocialChoice, Type
from lpmech.question.model import Instance
from lpmech.question.requirements import Requirements
from lpmech.reading.instance import load, loads
from lpmech.reading.mechanism_csv import read as read_mechanism
from lpmech.verify import verify

ROOT = Path(__file__).parent.parent

HOSTILE = [
    "\x1b[31mred",
    "a\x07",
    "\x9b2J",
    "\u202eabc",
    "a\u2066b",
    "line\nforged",
    "a\rb",
    "\u2028",
    "\u2029",
    "\x7f",
    "\ud800",
]

ENDING = """
[requirements]
incentive_compatibility = "BIC"
individual_rationality = "interim"
budget = "no-deficit"
"""

TRADE = f"""format = "lpmech-instance/1"
title = "trade"
[parameters]
k = 3
[environment]
kind = "bilateral-trade"
buyer = {{ values = [1, "k"], probabilities = ["1/2", "1/2"] }}
seller = {{ values = [0, 2], weights = [1, 1] }}
{ENDING}"""

CHOICE = f"""format = "lpmech-instance/1"
title = "bridge"
source = "someone, Example 1"
[environment]
kind = "social-choice"
outcomes = ["no", "yes"]
costs = [0, 1]
[[environment.agents]]
name = "ann"
types = [
  {{ name = "low", probability = "1/2", utility = [0, 0] }},
  {{ name = "high", probability = "1/2", utility = [0, 2] }},
]
{ENDING}"""


def clean(text: str) -> bool:
    """No character of the text is a control but the ends of lines."""
    return all(c == "\n" or unicodedata.category(c) not in UNSEEN for c in text)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as done:
        main(list(arguments))
    out = capsys.readouterr()
    return int(str(done.value.code)), out.out, out.err


# ---- what is shown -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("plain - text", "plain - text"),
        ("Mas\u00f3 \u2264 \u2713", "Mas\u00f3 \u2264 \u2713"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\u202e", "\\u202e"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\ud800", "\\ud800"),
        ("\U000e0001", "\\U000e0001"),
    ],
)
def test_what_cannot_be_seen_is_escaped(text: str, told: str) -> None:
    assert escaped(text) == shown(text) == told


def test_every_unseen_character_is_escaped() -> None:
    everything = "".join(map(chr, range(0x110000)))
    assert all(unicodedata.category(c) not in UNSEEN for c in escaped(everything))


def test_long_texts_are_shown_by_their_beginning_and_length() -> None:
    assert shown("x" * 80) == "x" * 80
    assert shown("x" * 81) == "x" * 60 + "… (81 characters)"
    assert shown_lines("a\n\x1b") == "a\n\\x1b"


@pytest.mark.parametrize("text", HOSTILE)
def test_json_is_ascii_and_reads_back(text: str) -> None:
    told = json_text({text: [text]})
    assert told.isascii()
    assert told.isprintable()
    assert json.loads(told) == {text: [text]}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("field", ["problem", "file", "key", "value", "expected"])
def test_every_field_of_a_complaint_is_escaped(text: str, field: str) -> None:
    told = str(InputError(**{"problem": "wrong", field: text}))  # type: ignore[arg-type]
    assert escaped(text) in told
    assert told.isprintable()


@pytest.mark.parametrize("field", ["problem", "file", "key", "value", "expected"])
def test_every_field_of_a_complaint_is_shortened(field: str) -> None:
    assert len(str(InputError(**{"problem": "wrong", field: "x" * 10**6}))) < 2000  # type: ignore[arg-type]


# ---- keys and values of files ------------------------------------------------------------------------------------------


def quoted(text: str) -> str:
    """A basic string of TOML with every character as an escape; a lone surrogate has none and becomes another."""
    return '"' + "".join(f"\\U{ord(c):08x}" if not 0xD800 <= ord(c) < 0xE000 else "\\u009b" for c in text) + '"'


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "line",
    ["{} = 1", "parameters.{} = 1", "environment.{} = 1", "a.{}.b = 1", "title = {}", "source = {}", "claim = {}"],
)
def test_hostile_keys_and_values_are_escaped(
    text: str, line: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    body = TRADE.replace('title = "trade"\n', "").replace("[parameters]\nk = 3\n", "").replace('"k"', "3")
    file = tmp_path / "a.toml"
    first, _, rest = body.partition("\n")
    rest = rest.replace("[environment]", "").replace("kind =", "environment.kind =")
    rest = rest.replace("buyer =", "environment.buyer =").replace("seller =", "environment.seller =")
    file.write_text(f"{first}\n{line.format(quoted(text))}\n{rest}", encoding="utf-8")
    code, out, err = run(capsys, "solve", str(file))
    assert (code, out) == (2, "")
    assert clean(err)
    assert err.startswith(f"error: {file}:2: ")


@pytest.mark.parametrize("text", HOSTILE)
def test_command_lines_are_shown_escaped(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(ROOT / "instances/myerson-satterthwaite-1983/uniform-21.toml")
    for arguments in (
        ("solve", text),
        (text,),
        ("solve", f"--{text}"),
        ("solve", "--set", text, file),
        ("solve", "--set", f"{text}=1", file),
        ("solve", "--set", f"k={text}", file),
        ("solve", "--method", text, file),
        ("explain", "--format", text, file),
        ("mechanism", text, file),
        ("audit", text, text),
        ("verify", text),
        ("plot", text),
        ("sweep", text),
        ("sweep", text, "--out", text),
        ("table", text),
        ("report", text, "-o", f"no-such-folder/{text}"),
        ("bench", "--only", text),
        ("bench", "--instances", text),
        ("export", text, "--format", "mps"),
        ("limit", text),
        ("frontier", text),
        ("face", text),
        ("face", str(ROOT / "instances/kos-manea-2009/example-1-one-buyer.toml"), "--slack", text),
    ):
        code, out, err = run(capsys, *arguments)
        assert code == 2, arguments
        assert clean(out + err), arguments
        assert "Traceback" not in err


@pytest.mark.parametrize("text", HOSTILE)
def test_names_made_in_python_are_refused_when_they_are_made(text: str) -> None:
    one = Distribution([0, 1])
    for make in (
        lambda: Partner("1/2", one, name=text),
        lambda: Type(text, 1, [0]),
        lambda: SocialChoice([text], {"ann": [Type("low", 1, [0])]}),
        lambda: SocialChoice(["no"], {text: [Type("low", 1, [0])]}),
        lambda: Instance(Partnership([Partner("1/2", one)] * 2), Requirements("BIC", "interim", "none"), title=text),
        lambda: Instance(Partnership([Partner("1/2", one)] * 2), Requirements("BIC", "interim", "none"), source=text),
    ):
        with pytest.raises(InputError, match="a control character in a text") as caught:
            make()
        assert str(caught.value).isprintable()


@pytest.mark.parametrize("text", HOSTILE)
def test_the_verifier_escapes_and_shortens_what_a_proof_says(text: str) -> None:
    proof = {"format": "lpmech-proof/1", "instance": {"title": text + "x" * 10**5, text: 1}, "claim": {"verdict": text}}
    told = str(verify(proof))
    assert clean(told)
    assert escaped(text) in told
    assert max(map(len, told.split("\n"))) < 1100


# ---- errors are counted ------------------------------------------------------------------------------------------------


def test_complaints_are_kept_up_to_a_number_and_counted_beyond() -> None:
    found = Complaints()
    for n in range(1000):
        with found.about(f"a[{n}]"):
            raise InputError("wrong")
    error = found.error()
    assert isinstance(error, InputErrors)
    assert (len(error.parts), error.more) == (KEPT, 1000 - KEPT)
    assert str(error).splitlines()[0] == "a[0]: wrong"
    assert str(error).splitlines()[19:] == ["a[19]: wrong", "... and 980 more"]


def test_one_complaint_and_counted_ones_are_several() -> None:
    found = Complaints(more=4)
    found.note(InputError("wrong"))
    assert str(found.error()) == "wrong\n... and 4 more"


@pytest.mark.parametrize("wrong", ['"x"', '"1 +"', "true", "[]"])
def test_thousands_of_errors_of_one_file_are_counted(wrong: str) -> None:
    text = TRADE.replace('[1, "k"]', "[" + f"{wrong}, " * 5000 + "]")
    with pytest.raises(InputError) as caught:
        loads(text)
    assert str(caught.value).endswith("... and 4,980 more")


def test_thousands_of_unknown_keys_are_counted() -> None:
    with pytest.raises(InputError) as caught:
        loads(TRADE + "".join(f"a{n} = 1\n" for n in range(3000)))
    assert str(caught.value).count("\n") == 20
    assert str(caught.value).endswith("... and 2,980 more")


def test_thousands_of_bad_parameters_are_counted() -> None:
    with pytest.raises(InputError) as caught:
        loads(TRADE.replace("k = 3\n", "k = 3\n" + "".join(f'a{n} = "b"\n' for n in range(3000))))
    assert str(caught.value).endswith("... and 2,980 more")
    assert len(str(caught.value)) < 10_000


# ---- where tables are read from ----------------------------------------------------------------------------------------

TABLE = "buyer,seller,no-trade,trade\n1,0,1,0\n1,2,1,0\n3,0,1,0\n3,2,1,0\n"


def with_table(name: str) -> str:
    return TRADE + f"allocation = {{ table = {json.dumps(name)} }}\n"


def test_tables_in_the_folder_of_the_instance_and_below(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below/rule.csv").write_text(TABLE)
    (tmp_path / "rule.csv").symlink_to(tmp_path / "below/rule.csv")
    for name in ("below/rule.csv", "rule.csv", "below/../rule.csv", str(tmp_path / "rule.csv")):
        (tmp_path / "a.toml").write_text(with_table(name))
        assert load(tmp_path / "a.toml").requirements.allocation.lotteries[0] == (Fraction(1), Fraction(0))


def test_tables_elsewhere_are_read_only_if_allowed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "rule.csv").write_text(TABLE)
    (home / "link.csv").symlink_to("../rule.csv")
    (home / "up").symlink_to("..")
    file = home / "a.toml"
    for name in ("../rule.csv", "link.csv", "up/rule.csv", str(tmp_path / "rule.csv"), "../home/../rule.csv"):
        file.write_text(with_table(name))
        with pytest.raises(InputError, match="a table outside the folder of its instance") as caught:
            load(file)
        assert caught.value.key == "requirements.allocation.table"
        allowed = load(file, allow_paths=True)
        assert loads(with_table(name), base=home, allow_paths=True) == allowed
    for command in ("solve", "explain", "table", "frontier", "face"):
        assert run(capsys, command, str(file))[0] == 2
        assert run(capsys, command, str(file), "--allow-paths")[0] in (0, 2 if command == "frontier" else 0)
    sweep = tmp_path / "s.toml"
    axes = '[[axes]]\nparameter = "k"\nvalues = [3]\n'
    sweep.write_text(f'format = "lpmech-sweep/1"\ninstance = "home/a.toml"\n{axes}')
    assert run(capsys, "sweep", str(sweep), "--out", str(tmp_path / "out"))[0] == 2
    assert run(capsys, "sweep", str(sweep), "--out", str(tmp_path / "out"), "--workers", "1", "--allow-paths")[0] == 0
    assert run(capsys, "sweep", str(tmp_path / "out"))[0] == 0


@pytest.mark.parametrize(
    "secret", ["root:x:0:0:root:/root\n", "a,b,SECRET\nSECRET,1,2\n", "SECRET\x00\n", '"SECRET\n', ""]
)
def test_nothing_is_shown_of_a_file_that_is_no_table(secret: str, tmp_path: Path) -> None:
    (tmp_path / "passwd").write_text(secret)
    (tmp_path / "a.toml").write_text(with_table("passwd"))
    with pytest.raises(InputError) as caught:
        load(tmp_path / "a.toml")
    assert "root:" not in str(caught.value)
    assert "SECRET" not in str(caught.value)


def test_nothing_is_shown_of_a_file_that_a_sweep_takes_for_an_instance(tmp_path: Path) -> None:
    from lpmech.studies.sweep.plan import load_plan

    (tmp_path / "secret.toml").write_text('[registry]\ntoken = "SECRET"\n')
    (tmp_path / "s.toml").write_text('format = "lpmech-sweep/1"\ninstance = "secret.toml"\n')
    with pytest.raises(InputError, match=r"secret\.toml: no instance file") as caught:
        load_plan(tmp_path / "s.toml")
    assert "token" not in str(caught.value)
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize("name", ["\\u0000", "\\u001b[31m", "x" * 5000, "circle", ".", "pipe"])
def test_table_names_that_are_no_files(name: str, tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to("circle")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a.toml").write_text(TRADE + f'allocation = {{ table = "{name}" }}\n')
    with pytest.raises(InputError) as caught:
        load(tmp_path / "a.toml")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1000


# ---- what is no file ---------------------------------------------------------------------------------------------------


def test_pipes_devices_sockets_and_folders_are_refused_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    Path("folder").mkdir()
    Path("link").symlink_to("pipe")
    bound = socket.socket(socket.AF_UNIX)
    bound.bind("socket")
    (tmp_path / "good.toml").write_text(TRADE)
    for name, kind in (
        ("pipe", "a pipe"),
        ("link", "a pipe"),
        ("socket", "a socket"),
        ("/dev/zero", "a device"),
        ("folder", "a directory"),
    ):
        with pytest.raises(InputError, match=f"{kind}, not a file"):
            read(name)
        for arguments in (("solve", name), ("limit", name), ("audit", "good.toml", name)):
            code, out, err = run(capsys, *arguments)
            assert (code, out, err) == (2, "", f"error: {name}: {kind}, not a file\n")
        code, out, err = run(capsys, "verify", name)
        assert (code, out) == (2, "")
        assert "a folder, a pipe or a device" in err
        if kind != "a directory":
            assert run(capsys, "sweep", name, "--out", "out")[0] == 2
    bound.close()
    Path("results").mkdir()
    os.mkfifo("results/manifest.json")
    code, _, err = run(capsys, "sweep", "results")
    assert (code, err.count("\n")) == (2, 1)
    assert err.startswith("error: results/manifest.json: not a manifest: a pipe, not a file; expected lpmech sweep ")


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    with (tmp_path / "a.toml").open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    with pytest.raises(InputError, match="a file of more than 16 MB; expected a smaller one"):
        load(tmp_path / "a.toml")


def test_numbers_too_long_in_any_base() -> None:
    for digits in ("9" * 30_000, "0x" + "f" * 30_000, "0o" + "7" * 30_000, "0b" + "1" * 30_000):
        with pytest.raises(InputError, match="a number of 3000"):
            loads(TRADE.replace("k = 3", f"k = {digits}"))


# ---- spreadsheets ------------------------------------------------------------------------------------------------------

NUMBERS = ["-1/3", "-1", "+5", "0", "13/600", "-0.25", "-1e-05", "-inf", "inf"]
FORMULAS = ["=cmd()", "+1+1", "-1-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "'=1", "''=1", "\uff1d1", "-x", "'-1", "-1/3 "]


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers_are_left_alone(text: str) -> None:
    assert cell(text) == content(text) == text


@pytest.mark.parametrize("text", FORMULAS)
def test_text_starts_no_formula_and_reads_back(text: str) -> None:
    assert cell(text) == "'" + text
    assert content("'" + text) == text


@pytest.mark.parametrize("text", ["", "'", "'a", "a=1", "low", "'1", "trade: -"])
def test_other_text_is_left_alone(text: str) -> None:
    assert cell(text) == content(text) == text


def test_mechanisms_with_names_like_formulas_read_back(tmp_path: Path) -> None:
    names = ["=cmd()", "-1/3", "+x", "@a", "'=cmd()", " =b", "</script>", "\\input", '"']
    types = [Type(name, Fraction(1, len(names)), [0, n]) for n, name in enumerate(names)]
    environment = SocialChoice(["=no", "'=no"], {"=ann": types, "-bob": types[:1] and [Type("-1", 1, [0, 1])]})
    lotteries = [{0: Fraction(1, 3), 1: Fraction(2, 3)}] * len(names)
    transfers = tuple(tuple(Fraction(-n, 3) for n in range(len(names))) for _ in range(2))
    mechanism = Mechanism(environment, transfers, lotteries)
    path = mechanism.to_csv(tmp_path / "m.csv")
    again = read_mechanism(environment, path)
    assert again.transfers == mechanism.transfers
    assert list(again.lotteries) == list(mechanism.lotteries)
    rows = list(csv.reader(io.StringIO(path.read_text())))
    assert [row[0] for row in rows[1:]][:3] == ["'=cmd()", "-1/3", "'+x"]
    assert not [x for row in rows for x in row if x.lstrip()[:1] in "=+-@" and x.lstrip() and cell(x) != x]


# ---- any input ---------------------------------------------------------------------------------------------------------

PIECES = [
    *(quoted(text) for text in HOSTILE),
    *(text for text in HOSTILE if text != "\ud800"),
    "= 1",
    "[[",
    "]]",
    '"""',
    "{",
    "}",
    "-1",
    "1e999",
    "nan",
    "9" * 30,
    '"1/0"',
    "[]",
    "{}",
    "true",
    "1979-05-27",
    "\x00",
    "\n",
    '"/etc/passwd"',
    '"k"',
    "kind",
    "values",
    "#",
    ".",
    "'",
]


def mutated(text: str, rng: random.Random) -> str:
    """The text with a few pieces cut, doubled, moved, or put in."""
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(text) + 1)
        end = min(len(text), at + rng.choice([0, 1, 1, 4, 20]))
        kind = rng.randrange(4)
        if kind == 0:
            text = text[:at] + text[end:]
        elif kind == 1:
            text = text[:end] + text[at:end] + text[end:]
        elif kind == 2:
            text = text[:at] + rng.choice(PIECES) + text[end:]
        else:
            words = text.split(" ")
            words[rng.randrange(len(words))] = rng.choice(PIECES)
            text = " ".join(words)
    return text


SWEEP = """format = "lpmech-sweep/1"
title = "a sweep"
instance = "good.toml"
[[axes]]
parameter = "k"
values = [3, "7/2"]
label = "value"
[[requirements]]
name = "strict"
budget = "balanced"
"""


def attempts(count: int, seed: int, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Mutated instances, sweeps, tables and directories: an exit status, no traceback, no control character."""
    rng = random.Random(seed)
    (folder / "good.toml").write_text(TRADE)
    done = folder / "done"
    (folder / "sweep.toml").write_text(SWEEP)
    assert run(capsys, "sweep", str(folder / "sweep.toml"), "--out", str(done), "--workers", "1")[0] in (0, 3)
    manifest = (done / "manifest.json").read_text()
    for number in range(count):
        kind = number % 4
        if kind == 0:
            text = mutated(rng.choice([TRADE, CHOICE]), rng)
            arguments = ["solve", str(folder / "a.toml")]
            (folder / "a.toml").write_text(text, encoding="utf-8")
        elif kind == 1:
            (folder / "s.toml").write_text(mutated(SWEEP, rng), encoding="utf-8")
            arguments = ["sweep", str(folder / "s.toml")]  # read, and refused for want of --out
            from lpmech.studies.sweep.plan import load_plan

            message = ""
            try:
                load_plan(folder / "s.toml")
            except InputError as error:
                message = str(error)
            assert clean(message)
        elif kind == 2:
            (folder / "rule.csv").write_text(mutated(TABLE, rng), encoding="utf-8")
            (folder / "a.toml").write_text(with_table("rule.csv"))
            arguments = ["solve", str(folder / "a.toml")]
        else:
            (done / "manifest.json").write_text(mutated(manifest, rng), encoding="utf-8")
            arguments = ["sweep", str(done)]
        code, out, err = run(capsys, *arguments)
        assert code in (0, 1, 2, 3)
        assert clean(out + err)
        assert "Traceback" not in err


def test_mutated_inputs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    attempts(240, 1, tmp_path, capsys)


FORGED = r"""
format = "lpmech-instance/1"
title = '$\frac{ </script><b>x</b> \input{y} =cmd() 100% #1 & _a^b'
[environment]
kind = "social-choice"
outcomes = ['$\bad{', "</script><script>alert(1)</script>"]
costs = [0, "1/2"]
[[environment.agents]]
name = '=cmd()$\alpha'
types = [ { name = '$\frac{1}', probability = "1/2", utility = [0, 1] },
          { name = '\input{q}', probability = "1/2", utility = [0, "1/4"] } ]
[[environment.agents]]
name = "<b>_^%#&~"
types = [ { name = "<x>", probability = "1/2", utility = [0, 1] },
          { name = "+1", probability = "1/2", utility = [0, "1/4"] } ]
[requirements]
incentive_compatibility = "BIC"
individual_rationality = "interim"
budget = "balanced"
"""


def test_names_with_the_signs_of_other_languages_in_pages_and_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """HTML, SVG, mathematics in figures, LaTeX: names are text there."""
    file, page = tmp_path / "forged.toml", tmp_path / "page.html"
    file.write_text(FORGED, encoding="utf-8")
    assert run(capsys, "report", str(file), "-o", str(page))[0] == 0
    shown = page.read_text(encoding="utf-8")
    assert "alert(1)" in shown
    assert "<script>alert" not in shown
    assert "<b>_" not in shown
    code, text, _ = run(capsys, "explain", str(file), "--format", "latex")
    assert code == 0
    assert re.search(r"\\input|\\frac\{ |\\bad\{", text) is None
