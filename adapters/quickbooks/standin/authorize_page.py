"""What a person sees in the browser when the stand-in is told to ask: which company, and yes or no."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from adapters.quickbooks.standin.replies import Reply

_HTML = "text/html; charset=utf-8"
_KEPT = ("client_id", "response_type", "scope", "redirect_uri", "state")
_WISHES = {
    "com.intuit.quickbooks.accounting": "read and write the company's books",
    "com.intuit.quickbooks.payment": "take payments for the company",
    "openid": "know who you are",
    "email": "see your e-mail address",
    "profile": "see your name",
    "address": "see your address",
    "phone": "see your phone number",
}


def _page(title: str, content: str) -> bytes:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f'<body style="font-family: sans-serif; max-width: 32rem; margin: 4rem auto"><h1>{escape(title)}</h1>'
        f"{content}</body></html>"
    ).encode()


def refusal_page(reason: str) -> Reply:
    """For a request whose redirect address cannot be trusted: nothing is sent back there."""
    return Reply(400, _page("This app cannot be connected", f"<p>{escape(reason)}</p>"), _HTML)


def choice_page(asked: Mapping[str, str], scopes: frozenset[str], companies: Mapping[str, str], chosen: str) -> Reply:
    """One form: the company, and two buttons. It is posted to the same address with the same parameters.

    `companies` are names by realm, none when the app asks only about the person; `chosen` is the realm shown first.
    """
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(asked.get(name, ""), quote=True)}">' for name in _KEPT
    )
    wishes = "".join(f"<li>{wish}</li>" for scope, wish in _WISHES.items() if scope in scopes)
    options = "".join(
        f'<option value="{escape(realm, quote=True)}"{" selected" if realm == chosen else ""}>{escape(name)}</option>'
        for realm, name in companies.items()
    )
    chooser = f'<p><label>Company <select name="realm">{options}</select></label></p>' if companies else ""
    content = (
        f"<p>This is the QuickBooks stand-in. An app asks to:</p><ul>{wishes}</ul>"
        f'<form method="post" action="/connect/oauth2">{hidden}{chooser}'
        '<button name="decision" value="approve">Connect</button> '
        '<button name="decision" value="deny">Cancel</button></form>'
    )
    return Reply(200, _page("Connect an app", content), _HTML)
