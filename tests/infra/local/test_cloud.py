from __future__ import annotations

from pathlib import Path

import pytest

from infra.local import cloud
from infra.local.programs import Failed


def test_two_do_not_run_in_one_folder(tmp_path: Path) -> None:
    with cloud._alone(tmp_path), pytest.raises(Failed, match="Another one is running"), cloud._alone(tmp_path):
        pass


def test_a_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    with cloud._alone(tmp_path):
        pass
    with cloud._alone(tmp_path):
        assert (tmp_path / "lock").exists()
