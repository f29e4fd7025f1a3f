"""A private cluster is kept for its clone, and goes with it."""

import pytest

from dev import postgres, stamps


@pytest.fixture(autouse=True)
def cluster(monkeypatch, tmp_path):
    """A cluster on disk, of which nothing runs."""
    monkeypatch.setattr(stamps, "STAMPS", tmp_path / "stamps")
    monkeypatch.setattr(postgres, "_home", lambda: tmp_path / "cluster")
    monkeypatch.setattr(postgres, "_socket", lambda: tmp_path / "cluster" / "socket")
    monkeypatch.setattr(postgres, "_IS_GIVEN", False)
    monkeypatch.setattr(postgres, "is_running", lambda programs: False)
    data = tmp_path / "cluster" / "data"
    data.mkdir(parents=True)
    version = postgres._version(postgres._programs())
    (data / "PG_VERSION").write_text(str(version))
    return data


def test_the_cluster_of_a_clone_that_is_gone_is_removed(cluster):
    postgres._remove_orphan()
    assert not cluster.exists()


def test_ones_own_cluster_stays(cluster):
    stamps.mark_done(postgres.STAMP, str(postgres._home()))
    postgres._remove_orphan()
    assert cluster.exists()


def test_a_removed_cluster_is_no_longer_ones_own(cluster):
    stamps.mark_done(postgres.STAMP, str(postgres._home()))
    postgres.remove()
    assert not stamps.is_done(postgres.STAMP, str(postgres._home()))
