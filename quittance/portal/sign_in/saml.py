"""Where a SAML provider's page sends its answer, and what we say of ourselves to set one up."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import Final

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from quittance.identity.throttle import note_network, wait_of_network
from quittance.portal.access import PortalRequest, public
from quittance.portal.sign_in.sso import our_addresses
from quittance.sso.asked import keep_answer
from quittance.sso.metadata import ours_told
from quittance.tenancy.caller import caller
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import working_for
from quittance.ui.errors import after, error_page

_MOST: Final = 600  # answers from one network within an hour, as many as sign-ins may begin there


# The form stands on the provider's page, so it can have no secret of ours and comes without our
# cookies. Nor does it sign anybody in: the answer waits beside the question whose word (256 bits)
# came with it, until the session that asked the question has it read.
@csrf_exempt
@require_POST
@public
def saml_answer(request: PortalRequest) -> HttpResponse:
    """Keep what a provider says, unread, and lead the browser to where it brings its session."""
    with working_for(request.organization_id, actor="sign-in"):
        wait = _wait(request)
        if wait > timedelta(0):
            return after(error_page(request, 429), ceil(wait.total_seconds()))
        sent = request.POST.get("SAMLResponse", "").encode()
        keep_answer(request.POST.get("RelayState", "")[:100], sent)
    answer = HttpResponseRedirect(reverse("portal:sso_back"))
    answer.status_code = 303
    return answer


@require_GET
@public
def saml_metadata(request: PortalRequest) -> HttpResponse:
    """Our metadata: the same for every provider, and nothing in it is secret."""
    content = ours_told(our_addresses(request).saml)
    return HttpResponse(content, content_type="application/samlmetadata+xml; charset=utf-8")


def _wait(request: PortalRequest) -> timedelta:
    ip = caller(request)
    with writing():
        wait = wait_of_network("saml", ip, most=_MOST)
        if wait <= timedelta(0):
            note_network("saml", ip)
    return wait
