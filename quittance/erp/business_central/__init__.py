"""Speaks the language of Business Central's API v2.0."""

from __future__ import annotations

from typing import Final

from quittance.core.adapters import Adapter
from quittance.erp.base import Erp
from quittance.erp.business_central.credentials import UNFINISHED, Credentials
from quittance.erp.business_central.erp import BusinessCentral

ADAPTER: Final = Adapter[Erp](
    label="Business Central", credentials=Credentials, open=BusinessCentral, unfinished=UNFINISHED
)
