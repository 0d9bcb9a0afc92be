"""Directories of results that somebody or something has changed: one message, no traceback, and a way back."""

from __future__ import annotations

import os
import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from support.sweeps import FAMILY, INSTANCE, filled, written

import lpmech
from lpmech.studies.sweep import run
from lpmech.studies.sweep.plan import load_plan
from lpmech.studies.sweep.rows import parquet, unanswered
from lpmech.studies.sweep.store import Store

SMALL = FAMILY.replace("steps = 9", "steps = 1")


@pytest.fixture
def made(tmp_path):
    """A sweep of 16 rows, all done, in one part: its file and directory."""
    file = written(tmp_path, SMALL)
    filled(load_plan(file), tmp_path / "out")
    return file, tmp_path / "out"


def part_of(out: Path) -> Path:
    return next(out.glob("rows-*.parquet"))


def rows_of(out: Path):
    return lpmech.load_sweep(out).drop(columns="seconds")


def test_every_flipped_bit_is_noticed(made):
    _, out = made
    part = part_of(out)
    whole, dice = part.read_bytes(), random.Random(1)
    for bit in [*dice.sample(range(8 * len(whole)), 246), 0, 7, 8 * len(whole) - 8, 8 * len(whole) - 1]:
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        part.write_bytes(changed)
        with pytest.raises(lpmech.InputError, match=r"rows-0+-0+16-.*its checksum differs.*--repair"):
            lpmech.load_sweep(out)
    part.write_bytes(whole)
    assert len(lpmech.load_sweep(out)) == 16


def spoil_name(out):
    part = part_of(out)
    part.rename(part.with_name(part.name.replace("0016-", "0015-")))


def overlong(out):
    part = part_of(out)
    part.rename(part.with_name(part.name.replace("0016-", "0017-")))


def twice(out):
    plan = load_plan(out.parent / "sweep.toml")
    Store(out).add((3, 4), parquet(plan, [unanswered(plan, 3, "error", "twice")], False))


def pipe(out):
    os.mkfifo(out / "rows-pipe.parquet")


def link(out):
    part = part_of(out)
    part.rename(out.parent / "elsewhere")
    part.symlink_to(out.parent / "elsewhere")


def folder(out):
    part = part_of(out)
    part.unlink()
    part.mkdir()


def empty(out):
    part_of(out).write_bytes(b"")


def foreign(out):
    """A part of another sweep under the same numbers."""
    plan = load_plan(out.parent / "sweep.toml")
    filled(replace(plan, pins={**plan.pins, "sweep": SMALL + "\n"}), out.parent / "other")
    part_of(out).unlink()
    part = part_of(out.parent / "other")
    shutil.copy(part, out / part.name)


def no_manifest_text(out):
    (out / "manifest.json").write_bytes(b"\xff[[[")


def deep_manifest(out):
    (out / "manifest.json").write_text("[" * 100_000)


def other_manifest(out):
    """One word of the sweep's text has changed."""
    file = out / "manifest.json"
    file.write_text(file.read_text().replace("11/2", "13/2"))


def manifest_folder(out):
    (out / "manifest.json").unlink()
    (out / "manifest.json").mkdir()


def manifest_pipe(out):
    (out / "manifest.json").unlink()
    os.mkfifo(out / "manifest.json")


def no_manifest(out):
    (out / "manifest.json").unlink()


def escape(out):
    (out / "rows-\x1b[31m\n.parquet").write_text("red")


KINDS = [spoil_name, overlong, twice, pipe, link, folder, empty, foreign, escape]
KINDS += [no_manifest_text, deep_manifest, other_manifest, manifest_folder, manifest_pipe, no_manifest]


@pytest.mark.parametrize("spoil", KINDS)
def test_damage_is_named_and_repaired(made, spoil):
    file, out = made
    before = rows_of(out)
    spoil(out)
    with pytest.raises(lpmech.InputError, match="--repair") as problem:
        lpmech.load_sweep(out)
    assert str(problem.value).isprintable()
    with pytest.raises(lpmech.InputError, match="--repair"):
        run(file, out, 1)
    run(file, out, 1, repair=True)
    assert rows_of(out).equals(before)
    aside = out / "set-aside"
    assert spoil is no_manifest or len(list(aside.iterdir())) == 1


def test_commands_say_it_in_one_message(made, run_command):
    _, out = made
    empty(out)
    said = set()
    for arguments in (["sweep", out], ["sweep", out, "--csv"], ["plot", out]):
        code, shown, err = run_command(*arguments)
        assert (code, shown, err.count("\n")) == (2, "", 1)
        said.add(err)
    assert len(said) == 1


@pytest.fixture
def run_command(run):
    return run


def test_hundreds_of_changes_give_one_message_each_or_the_same_rows(made):
    _, out = made
    before, dice = rows_of(out), random.Random(7)
    files = {path.name: path.read_bytes() for path in (part_of(out), out / "manifest.json")}
    refused = 0
    for _ in range(400):
        name = dice.choice(sorted(files))
        whole = bytearray(files[name])
        at = dice.randrange(len(whole))
        change = dice.choice(["flip", "cut", "grow", "drop"])
        if change == "flip":
            whole[at] ^= 1 << dice.randrange(8)
        elif change == "cut":
            del whole[at:]
        elif change == "grow":
            whole[at:at] = dice.randbytes(9)
        else:
            del whole[at : at + 1]
        (out / name).write_bytes(whole)
        said = ""
        try:
            assert rows_of(out).equals(before)  # a space of the manifest's layout
        except lpmech.InputError as problem:
            said = str(problem)
        refused += bool(said)
        assert said.isprintable()
        (out / name).write_bytes(files[name])
    assert refused > 300


def test_locks_and_temporary_files_follow_no_link(made):
    file, out = made
    victim = out.parent / "victim"
    victim.write_text("mine")
    (out / ".lock").symlink_to(victim)
    with pytest.raises(lpmech.InputError, match="a link, not a file; expected to move it away"):
        run(file, out, 1)
    (out / ".lock").unlink()
    (out / ".x.tmp").symlink_to(victim)
    (out / ".y.tmp").mkdir()
    run(file, out, 1)
    assert victim.read_text() == "mine"
    assert not (out / ".x.tmp").is_symlink()


def test_a_directory_of_an_earlier_version_is_refused(made):
    file, out = made
    (out / "manifest.json").write_text('{"format": "lpmech-sweep-run/1"}')
    for ask in (lambda: lpmech.load_sweep(out), lambda: run(file, out, 1, repair=True)):
        with pytest.raises(lpmech.InputError, match="the results of an earlier version of lpmech"):
            ask()


def test_rows_that_crashed_are_asked_again_on_request(made):
    file, out = made
    before = rows_of(out)
    plan = load_plan(file)
    part_of(out).unlink()
    Store(out).add((3, 4), parquet(plan, [unanswered(plan, 3, "crash", "died")], False))
    run(file, out, 1)
    assert rows_of(out)["verdict"].tolist().count("crash") == 1
    run(file, out, 1, retry_crashes=True)
    assert rows_of(out).equals(before)
    assert len(list((out / "set-aside").iterdir())) == 1


def test_bisections_print_their_threshold(tmp_path, run_command):
    text = 'format = "lpmech-sweep/1"\n[bisect]\nparameter = "v"\nfrom = "9/2"\nto = 20\nwidth = "1/100"\n' + INSTANCE
    filled(load_plan(written(tmp_path, text)), tmp_path / "out")
    code, said, _ = run_command("sweep", tmp_path / "out")
    assert code == 0
    assert said.splitlines()[2:] == [
        "  base: a threshold in 1 row",
        "  base: threshold of v at 5, where the margin is 0: impossible at 499/100, exists at 5",
    ]
