"""Changes in the ERP by somebody else's program, past our adapter."""

from __future__ import annotations

from typing import Any

from tests.ground import Ground

_SIGN_IN = {
    "grant_type": "client_credentials",
    "client_id": "11111111-1111-1111-1111-111111111111",
    "client_secret": "sandbox-secret",
    "scope": "https://api.businesscentral.dynamics.com/.default",
}
_COMPANY = "companies(6f0c1f6e-92a4-4b7a-9d6b-3a1de5c20c7d)"


def call(ground: Ground, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """Call the API v2.0; ``path`` stands behind the company, or begins with a slash."""
    erp, client = ground.world.erp, ground.world.client
    address = f"{erp.url}/contoso.example/oauth2/v2.0/token"
    token = client.post(address, data=_SIGN_IN).json()["access_token"]
    url = f"{erp.api_url}{path}" if path.startswith("/") else f"{erp.api_url}/{_COMPANY}/{path}"
    headers = {"Authorization": f"Bearer {token}", "If-Match": "*"}
    answer = client.request(method, url, json=body, headers=headers).raise_for_status()
    return answer.json() if answer.content else None
