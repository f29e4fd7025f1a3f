"""Where the public data sets are: ``O2C_DATA_SETS``, else beside the clone."""

import os
from pathlib import Path

import pytest

BESIDE = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture
def data_folder():
    """The folder with the public data sets; the test fails where there is none."""
    folder = Path(os.environ.get("O2C_DATA_SETS") or BESIDE)
    assert folder.is_dir(), "Set O2C_DATA_SETS to the folder with open_items.csv"
    return folder
