"""Pages for the person who connects a company: plain HTML, everything escaped, no script, no style, no secret."""

from html import escape

from starlette.responses import HTMLResponse

from adapters.web.parts import Ending

TITLES = {True: "Connected", False: "Not connected"}
CLOSE = "You can close this window."
FALLBACK = {
    "granted": Ending(outcome="granted", ok=True, sentence="QuickBooks is connected.", next_step=CLOSE),
    "regained": Ending(outcome="regained", ok=True, sentence="QuickBooks is connected again.", next_step=CLOSE),
    "denied": Ending(
        outcome="denied",
        ok=False,
        sentence="QuickBooks was not connected, because permission was not given.",
        next_step="To connect after all, open the link you were sent again and choose Connect.",
    ),
}
"""What the page says when it no longer has the words of one attempt: after ten minutes, or another process's."""
NOTHING_KNOWN = Ending(
    outcome="unknown",
    ok=False,
    sentence="This page no longer knows how the attempt ended.",
    next_step="Run `wizqbo connections` to see what is connected, or open the link you were sent again.",
)


def page(ending: Ending, status: int = 200) -> HTMLResponse:
    """The page that tells how it ended and what to do next."""
    title = TITLES[ending.ok]
    body = "".join(f"<p>{escape(text)}</p>" for text in (ending.sentence, ending.next_step) if text)
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"<title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>",
        status,
    )
