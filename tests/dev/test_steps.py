"""A step is done for the inputs it was done with; a background program is ours."""

import os
import sys

import pytest

from dev import processes, stamps


@pytest.fixture(autouse=True)
def folders(monkeypatch, tmp_path):
    monkeypatch.setattr(stamps, "STAMPS", tmp_path / "stamps")
    monkeypatch.setattr(processes, "RUN", tmp_path)
    monkeypatch.setattr(processes, "LOGS", tmp_path)


def test_a_step_is_due_again_when_its_inputs_change(tmp_path):
    file = tmp_path / "input"
    file.write_text("one")
    key = stamps.files_fingerprint([file])
    assert not stamps.is_done("step", key)
    stamps.mark_done("step", key)
    assert stamps.is_done("step", key)
    file.write_text("two")
    assert not stamps.is_done("step", stamps.files_fingerprint([file]))


def test_a_background_program_is_known_and_ended():
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    pid = processes.start_background("sleeper", command, dict(os.environ), {"port": 1})
    assert processes.running("sleeper")["port"] == 1
    assert processes.stop("sleeper")
    os.waitpid(pid, 0)
    assert processes.running("sleeper") is None
    assert not processes.stop("sleeper")


def test_a_process_with_the_same_number_but_another_start_is_left_alone(tmp_path):
    record = f'{{"pid": {os.getpid()}, "started": "1"}}'
    (tmp_path / "sleeper.json").write_text(record)
    assert processes.running("sleeper") is None
    assert not processes.stop("sleeper")
