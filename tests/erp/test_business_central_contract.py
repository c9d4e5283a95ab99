"""Business Central keeps the contract of an ERP: the sandbox always, a real tenant by hand."""

from __future__ import annotations

import pytest

from quittance.erp.contract import ErpContract, Stage
from quittance.erp.contract_by_hand import ByHandContract, ClerkStage
from quittance.erp.contract_reading import ReadingContract
from tests.erp.stage import SandboxStage
from tests.erp.tenant import TenantStage, settings


class TestTheSandbox(ErpContract, ByHandContract, ReadingContract):
    @pytest.fixture
    def stage(self, business_central: SandboxStage) -> ClerkStage:
        return business_central

    @pytest.mark.failure("F38")
    def test_whatever_happens_to_a_post_it_is_posted_once(self, stage: Stage) -> None:
        super().test_whatever_happens_to_a_post_it_is_posted_once(stage)


if settings():  # from QUITTANCE_TEST_BUSINESS_CENTRAL_TENANT and so on in the environment

    @pytest.mark.outside
    class TestARealTenant(ErpContract, ReadingContract):
        @pytest.fixture
        def stage(self, tenant: TenantStage) -> Stage:
            return tenant
