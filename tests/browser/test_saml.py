"""A real browser at a SAML provider of another site: our cookies stay away, and it comes back."""

from __future__ import annotations

from tests.browser.conftest import Site
from tests.gateways.stripe.shop_pages import Shop
from tests.sso.roads import DOMAIN
from tests.sso.saml_idp import SamlIdp
from tests.sso.saml_roads import asked_by, provider


def test_who_comes_back_from_another_site_by_a_form_is_signed_in_and_where_he_wanted(
    site: Site,
) -> None:
    there, idp = Shop(), SamlIdp()
    provider(idp, metadata=idp.metadata(door=f"{there.url}/sign-in"))
    page = site.context(java_script_enabled=False).new_page()
    page.goto(f"{site.address}/invoices")
    page.fill("#email", f"wanda@{DOMAIN}")
    page.click("button:has-text('Sign in with your company')")
    onward = page.locator("a.btn-primary")
    asked = asked_by(onward.get_attribute("href") or "")
    hidden = {"SAMLResponse": idp.answer(asked), "RelayState": asked.relay}
    inputs = "".join(f'<input type="hidden" name="{k}" value="{v}">' for k, v in hidden.items())
    there.pages["/sign-in"] = (
        "text/html",
        f'<!doctype html><form method="post" action="{asked.acs}">{inputs}<button>Go on</button>',
    )
    sent = []
    page.on("request", lambda each: sent.append(each) if each.url == asked.acs else None)
    onward.click()
    page.click("button:has-text('Go on')")
    page.wait_for_url(f"{site.address}/invoices")

    there.close()
    assert "session" not in sent[0].all_headers().get("cookie", "")
    assert "Wanda Contoso" in page.content()
