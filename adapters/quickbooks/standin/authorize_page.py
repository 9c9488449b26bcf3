"""What a person sees in the browser when the stand-in is told to ask: which company, and yes or no."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from adapters.quickbooks.standin.replies import Reply

_HTML = "text/html; charset=utf-8"
_KEPT = ("client_id", "response_type", "scope", "redirect_uri", "state")


def _page(title: str, content: str) -> bytes:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f'<body style="font-family: sans-serif; max-width: 32rem; margin: 4rem auto"><h1>{escape(title)}</h1>'
        f"{content}</body></html>"
    ).encode()


def refusal_page(reason: str) -> Reply:
    """For a request whose redirect address cannot be trusted: nothing is sent back there."""
    return Reply(400, _page("This app cannot be connected", f"<p>{escape(reason)}</p>"), _HTML)


def choice_page(asked: Mapping[str, str], companies: Mapping[str, Mapping[str, Any]]) -> Reply:
    """One form: the company, and two buttons. It is posted to the same address with the same parameters."""
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(asked.get(name, ""), quote=True)}">' for name in _KEPT
    )
    options = "".join(
        f'<option value="{escape(realm, quote=True)}">{escape(str(facts["CompanyName"]))}</option>'
        for realm, facts in companies.items()
    )
    content = (
        "<p>This is the QuickBooks stand-in. An app asks to read and write this company's books.</p>"
        f'<form method="post" action="/connect/oauth2">{hidden}'
        f'<p><label>Company <select name="realm">{options}</select></label></p>'
        '<button name="decision" value="approve">Connect</button> '
        '<button name="decision" value="deny">Cancel</button></form>'
    )
    return Reply(200, _page("Connect an app", content), _HTML)
