"""A folder of model files that all workers of a run share."""

from __future__ import annotations

import pytest

from tests.gguf_factory import models_folder

models = pytest.fixture(scope="session")(models_folder)
