"""What templates show is escaped as markupsafe does it, whatever is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from quittance.ui.escaping import shown
from quittance.ui.jinja import environment


class Sign(str):
    """Text that says itself how a page shows it."""

    def __html__(self) -> str:
        return f"<i>{self.upper()}</i>"


@given(st.text() | st.integers() | st.none() | st.builds(Markup, st.text()))
def test_any_value_is_shown_as_markupsafe_escapes_it(value: object) -> None:
    assert shown(value) == escape(value)


@pytest.mark.parametrize("sign", "&<>'\"")
def test_a_sign_that_means_something_is_escaped(sign: str) -> None:
    page = environment().from_string(
        "<p title='{{ said }}'>{% set a %}{{ said }}{% endset %}{{ a }}"
    )

    assert page.render(said=sign) == f"<p title='{escape(sign)}'>{escape(sign)}"


def test_what_says_itself_how_it_is_shown_is_asked() -> None:
    page = environment().from_string("{{ said }}")

    assert page.render(said=Sign("<a")) == "<i><A</i>"
    assert page.render(said=Markup("<b>")) == "<b>"


def test_a_text_that_is_no_page_stays_as_it_is() -> None:
    mail = environment(autoescape=False).from_string("{{ said }}")

    assert mail.render(said="Fish & Sons") == "Fish & Sons"
