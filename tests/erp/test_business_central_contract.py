"""Business Central keeps the contract of an ERP: the sandbox always, a real tenant by hand."""

from __future__ import annotations

import pytest

from quittance.erp.contract import ErpContract, Stage
from tests.erp.stage import SandboxStage


class TestTheSandbox(ErpContract):
    @pytest.fixture
    def stage(self, business_central: SandboxStage) -> Stage:
        return business_central
