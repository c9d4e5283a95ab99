"""Business Central keeps the contract of an ERP: the sandbox always, a real tenant by hand."""

from __future__ import annotations

import pytest

from quittance.erp.contract import ErpContract, Stage
from tests.erp.stage import SandboxStage
from tests.erp.tenant import TenantStage, settings


class TestTheSandbox(ErpContract):
    @pytest.fixture
    def stage(self, business_central: SandboxStage) -> Stage:
        return business_central


if settings():  # from QUITTANCE_TEST_BUSINESS_CENTRAL_TENANT and so on in the environment

    @pytest.mark.outside
    class TestARealTenant(ErpContract):
        @pytest.fixture
        def stage(self, tenant: TenantStage) -> Stage:
            return tenant
