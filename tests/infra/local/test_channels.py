from __future__ import annotations

import pytest

from channels import fields
from functions import platforms
from infra.local.channels import sample


@pytest.mark.parametrize("platform", platforms.names())
def test_samples_fit_the_fields_of_every_platform(platform: str) -> None:
    declared = [field for field in platforms.load(platform).credentials.fields if not field.hosts]
    assert fields.problems(declared, sample(declared)) == []
