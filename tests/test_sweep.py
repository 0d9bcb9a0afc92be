"""Sweeps whole: results, resuming, and what happens when workers and drivers are killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from fractions import Fraction as F
from functools import partial
from pathlib import Path

import pytest
from support.sweeps import FAMILY, INSTANCE, written

import lpmech
from lpmech.studies.sweep import run
from lpmech.studies.sweep.plan import load_plan
from lpmech.studies.sweep.rows import Part, decide
from lpmech.studies.sweep.store import Store

HEAD = 'format = "lpmech-sweep/1"\n'
LONG = HEAD + '[[axes]]\nparameter = "p"\nfrom = 0\nto = 1\nsteps = 1999\n' + INSTANCE


LOOKS = 50_000


def same(one, other):
    """Every column but the seconds, bit for bit."""
    assert one.drop(columns="seconds").equals(other.drop(columns="seconds"))
    assert list(one.columns) == list(other.columns)


@pytest.fixture(scope="module")
def family(tmp_path_factory):
    """The family decided by two workers: its file, directory and rows."""
    folder = tmp_path_factory.mktemp("family")
    file = written(folder)
    return file, folder / "out", lpmech.sweep(file, folder / "out", workers=2)


# ---- rows -----------------------------------------------------------------------------------------------------------


def test_rows_are_what_solve_says(family):
    file, _, frame = family
    plan = load_plan(file)
    assert frame["row"].tolist() == list(range(80))
    assert frame.attrs == {"title": "Two types each", "rows": 80, "labels": {}}
    for row in frame.to_dict("records"):
        if row["v"] == "2":
            assert (row["verdict"], row["proved"]) == ("invalid", False)
            assert "values are not strictly increasing: 2 is followed by 2" in row["reason"]
            continue
        result = lpmech.solve(plan.instance(row["row"]))
        assert (row["verdict"], row["margin"], row["value"]) == (result.verdict, str(result.margin), str(result.value))
        assert (row["margin_decimal"], row["p_decimal"]) == (float(result.margin), float(F(row["p"])))
        assert (row["method"], row["proved"]) == (result.method, True)
        assert row["requirements"] == ("balanced", "expected")[row["row"] % 2]


def test_one_worker_and_proofs_on_request_say_the_same(family):
    file, _, frame = family
    same(lpmech.sweep(file, workers=1), frame)
    quick = lpmech.sweep(file, workers=2, proof="on-request")
    assert not quick["proved"].any()
    assert quick["margin"].equals(frame["margin"])
    assert quick["verdict"].equals(frame["verdict"])


def test_a_bad_row_among_those_answered_together_spoils_no_other(family, monkeypatch):
    from dataclasses import replace

    from lpmech.studies.sweep import rows

    plan = replace(load_plan(family[0]), proof="on-request")
    instances = [plan.instance(row) for row in range(20, 60)]
    expected = [(result.margin, result.proved) for result in rows._results(plan, instances)]
    together = rows.solve_many

    def picky(some, **options):
        if any(one is instances[7] for one in some):
            raise lpmech.InputError("not this one")
        return together(some, **options)

    monkeypatch.setattr(rows, "solve_many", picky)
    found = list(rows._results(plan, instances))
    assert found.pop(7) == ("invalid", "not this one")
    expected.pop(7)
    assert [(result.margin, result.proved) for result in found] == expected


def test_a_threshold_over_another_parameter(tmp_path):
    """With p = 1/2 the margin is (v - 5)/4 for v > 4; at v = 4 nobody need trade, which bisection cannot see."""
    text = HEAD + (
        '[[axes]]\nparameter = "p"\nvalues = ["1/2", "2/3"]\n'
        '[bisect]\nparameter = "v"\nfrom = "9/2"\nto = 20\nwidth = "1/100"\n' + INSTANCE
    )
    frame = lpmech.sweep(written(tmp_path, text), tmp_path / "out", workers=1, keep_proofs=True)
    assert frame["verdict"].tolist() == ["threshold", "threshold"]
    for row in frame.to_dict("records"):
        low, high = (
            lpmech.solve(load_plan(tmp_path / "sweep.toml").instance(row["row"], {"v": F(row[end])}))
            for end in ("low", "high")
        )
        assert (low.verdict, high.verdict) == (row["verdict_low"], row["verdict_high"]) == ("impossible", "exists")
        assert (str(low.margin), str(high.margin)) == (row["margin_low"], row["margin_high"])
        assert F(row["high"]) - F(row["low"]) <= F(1, 100)
    assert frame["root"][0] == "5"


# ---- resuming and refusing ------------------------------------------------------------------------------------------


def test_resuming_decides_only_what_is_missing(family, tmp_path, monkeypatch):
    file, out, frame = family
    copy = tmp_path / "copy"
    copy.mkdir()
    parts = Store(out).parts()
    assert len(parts) > 2
    for path in [out / "manifest.json", *(path for _, path in parts[::2])]:
        (copy / path.name).write_bytes(path.read_bytes())
    (copy / ".rows-0-1.parquet.tmp").write_bytes(b"half a fi")
    there = lpmech.load_sweep(copy)
    assert len(there) < 80 == there.attrs["rows"]
    before = {path: path.stat().st_mtime_ns for path in copy.glob("*.parquet")}
    same(lpmech.sweep(file, copy, workers=2), frame)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert not list(copy.glob(".*.tmp"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": FAMILY.replace("11/2", "13/2")}, "the sweep file has changed"),
        ({"proof": "on-request"}, "the choice of when to make proofs has changed"),
        ({"keep_proofs": True}, "the choice of keeping proofs has changed"),
    ],
)
def test_another_sweep_is_refused(family, tmp_path, change, said):
    _, out, _ = family
    options = dict(change)
    file = written(tmp_path, options.pop("text", FAMILY))
    with pytest.raises(lpmech.InputError, match=said) as problem:
        run(file, out, **options)
    assert str(out) in str(problem.value)


def test_an_instance_that_has_changed_is_refused(tmp_path):
    base = tmp_path / "base.toml"
    base.write_text('format = "lpmech-instance/1"\n' + INSTANCE.replace("instance.", ""))
    file = written(tmp_path, HEAD + 'instance = "base.toml"\n[[axes]]\nparameter = "v"\nvalues = [5, 6]\n')
    frame = lpmech.sweep(file, tmp_path / "out", workers=2)
    assert frame["margin"].tolist() == ["0", "1/4"]
    base.write_text(base.read_text() + "# later\n")
    with pytest.raises(lpmech.InputError, match="the instance file has changed"):
        lpmech.sweep(file, tmp_path / "out")


def test_directories_of_other_things_are_left_alone(tmp_path):
    file = written(tmp_path)
    with pytest.raises(lpmech.InputError, match="a directory with other files"):
        lpmech.sweep(file, tmp_path)
    with pytest.raises(lpmech.InputError, match="no sweep was written here"):
        lpmech.load_sweep(tmp_path)


# ---- deaths ---------------------------------------------------------------------------------------------------------


def test_rows_that_kill_their_worker_are_the_only_ones_lost(family, tmp_path):
    file, _, frame = family

    def deadly(packed: bytes, start: int, stop: int, keep_proofs: bool) -> Part:
        if start <= 37 < stop:
            os.kill(os.getpid(), signal.SIGKILL)
        return decide(packed, start, stop, keep_proofs)

    run(file, tmp_path / "out", 1, decide=deadly)
    found = lpmech.load_sweep(tmp_path / "out")
    crashed = found[found["verdict"] == "crash"].to_dict("records")
    assert [(row["row"], row["proved"], row["v"], row["p"]) for row in crashed] == [(37, False, "9/2", "8/9")]
    assert "died" in crashed[0]["reason"]
    same(found[found["row"] != 37], frame[frame["row"] != 37])


def test_a_worker_killed_once_loses_nothing(family, tmp_path):
    file, _, frame = family
    mark = str(tmp_path / "mark")

    def mortal(packed: bytes, start: int, stop: int, keep_proofs: bool) -> Part:
        if start >= 20 and not os.path.exists(mark):
            open(mark, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        return decide(packed, start, stop, keep_proofs)

    run(file, tmp_path / "out", 2, decide=mortal)
    assert os.path.exists(mark)
    same(lpmech.load_sweep(tmp_path / "out"), frame)


def children(pid: int) -> set[int]:
    """Processes whose parent it is, or was: loky's workers and their resource tracker."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    return {int(a) for a, b in map(str.split, listed.splitlines()) if int(b) == pid}


def alive(pid: int) -> bool:
    """Running, and not only waiting for its parent to take note of its end."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return bool(state) and not state.startswith("Z")


def until(condition):
    """Wait until it holds, however busy the machine is; what never comes is a failure after so many looks."""
    for _ in range(LOOKS):
        if condition():
            return
        time.sleep(0.02)
    pytest.fail(f"it did not come about in {LOOKS} looks")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """What the drivers that are killed should find."""
    return lpmech.sweep(written(tmp_path_factory.mktemp("long"), LONG), workers=2)


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGINT])
def test_a_driver_stopped_midway_can_be_resumed_and_leaves_no_worker(tmp_path, undisturbed, blow):
    file, out = written(tmp_path, LONG), tmp_path / "out"
    command = [sys.executable, "-m", "lpmech", "sweep", str(file), "--out", str(out), "--workers", "2"]
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a shell's background jobs are started deaf to it
    driver = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=heard)
    until(lambda: out.is_dir() and len(list(out.glob("rows-*.parquet"))) >= 3)
    workers = children(driver.pid)
    assert workers
    driver.send_signal(blow)
    _, said = driver.communicate()
    assert driver.returncode == (-signal.SIGKILL if blow == signal.SIGKILL else 130)
    assert ("the same command resumes" in said) == (blow == signal.SIGINT)
    until(lambda: not any(map(alive, workers)))
    assert 0 < len(lpmech.load_sweep(out)) < 2000
    same(lpmech.sweep(file, out, workers=2), undisturbed)


# ---- a cluster ------------------------------------------------------------------------------------------------------


def test_a_cluster_says_the_same(family, tmp_path):
    distributed = pytest.importorskip("distributed", reason="distributed is not installed: extra 'cluster'")
    file, _, frame = family
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1", processes=True
    ) as cluster:
        same(lpmech.sweep(file, tmp_path / "out", scheduler=cluster.scheduler_address), frame)


def test_a_scheduler_that_does_not_answer(tmp_path):
    with pytest.raises(lpmech.InputError, match="no scheduler answers"):
        lpmech.sweep(written(tmp_path), tmp_path / "out", scheduler="nowhere://1")


def test_a_scheduler_that_goes_away_leaves_what_was_done(tmp_path, monkeypatch):
    from concurrent.futures import CancelledError, Executor, Future

    from lpmech.studies.sweep import pools

    class Leaving(pools.Pool, Executor):
        """Decides one chunk, and is gone."""

        workers, lost, chunks = 1, (CancelledError,), 0

        def __init__(self, address):
            pass

        def executor(self):
            return self

        def submit(self, work, *arguments):
            future: Future = Future()
            self.chunks += 1
            if self.chunks > 1:
                future.set_exception(CancelledError())
            else:
                future.set_result(work(*arguments))
            return future

    monkeypatch.setattr(pools, "DaskPool", Leaving)
    with pytest.raises(lpmech.InputError, match=r"the scheduler is gone \(got tcp://x\); expected to resume"):
        lpmech.sweep(written(tmp_path), tmp_path / "out", scheduler="tcp://x")
    assert len(lpmech.load_sweep(tmp_path / "out")) <= 1


# ---- the command line -----------------------------------------------------------------------------------------------


def test_the_command_decides_shows_and_prints(run, family, tmp_path):
    file, _, frame = family
    code, out, err = run("sweep", file, "--out", tmp_path / "out", "--workers", "2")
    assert code == 3  # v = 2 is no instance
    assert out.splitlines()[:2] == ["Two types each", "  80 of 80 rows, 60 with verified proofs"]
    assert "  balanced: invalid 10" in out
    assert err.splitlines()[0] == "0 of 80 rows"
    assert err.splitlines()[-1].startswith("80 of 80 rows")
    code, out, _ = run("sweep", tmp_path / "out", "--csv")
    assert len(out.splitlines()) == 81
    assert out.splitlines()[0] == ",".join(frame.columns)


def test_a_proof_of_a_row(run, family):
    _, out, frame = family
    row = int(frame["verdict"].eq("exists").to_numpy().argmax())
    code, said, _ = run("sweep", out, "--proof", row)
    path = out / "proofs" / f"row-{row}.proof.json"
    assert (code, said) == (0, f"{path}: exists, margin {frame['margin'][row]}\n")
    assert lpmech.verify(path)
    assert json.loads(path.read_text())["claim"]["margin"] == frame["margin"][row]
    assert run("sweep", out, "--proof", "80")[0] == 2


def test_bad_requests(run, tmp_path):
    file = written(tmp_path)
    assert run("sweep", file)[0] == 2
    assert run("sweep", file, "--out", tmp_path / "out", "--proof", "3")[0] == 2
    code, _, err = run("sweep", file, "--out", tmp_path / "out", "--proof", "on-request", "--keep-proofs")
    assert (code, "cannot be kept" in err) == (2, True)
    assert not (tmp_path / "out").exists()


def test_without_the_packages_it_says_which(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "joblib", None)
    with pytest.raises(lpmech.InputError, match=r"sweeps need joblib; expected pip install 'lpmech\[sweep\]'"):
        lpmech.sweep(written(tmp_path))


def test_kept_proofs_are_accepted(tmp_path):
    import zlib

    import pyarrow.parquet as pq

    from lpmech.verify import verify

    text = HEAD + '[[axes]]\nparameter = "v"\nvalues = [5, "9/2"]\n' + INSTANCE
    frame = lpmech.sweep(written(tmp_path, text), tmp_path / "out", workers=2, keep_proofs=True)
    assert "proof" not in frame
    for _, path in Store(tmp_path / "out").parts():
        for row in pq.read_table(Path(path)).to_pylist():
            proof = json.loads(zlib.decompress(row["proof"]))
            assert verify(proof)
            assert proof["claim"]["margin"] == frame["margin"][row["row"]]
