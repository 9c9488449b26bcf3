"""Connecting a company and a tenant: what happens behind our link, the callback and `wizqbo connect`.

A company or a tenant belongs to one connection, for ever: the claim is the first event of a link stream of its own, named by
a keyed hash, so that neither id stands in the log.
"""

from datetime import datetime

from adapters.credentials import LinkProblem, Links, Tokens, TokenStore
from adapters.http import make_client
from adapters.quickbooks.client import QuickBooksClient
from adapters.quickbooks.gateway import QuickBooksGateway
from adapters.quickbooks.oauth import QuickBooksOAuth
from adapters.web.parts import Ending
from adapters.wizcommerce.auth import Token, WizCommerceAuth
from engine.clock import Clock
from engine.domain.events import ConsentGranted, ConsentRefused, ConsentRegained, Event, RemoteClaimed, TenantJoined
from engine.domain.values import CompanyFacts, System, connection_stream
from engine.log import Entry
from engine.people import NotPossible, People
from engine.ports import Disconnected, GatewayError, Limiter, Refused, Sealer, Suspended
from engine.records import Records, by_person
from engine.schedule import Schedule
from engine.settings import Settings
from engine.sights import Sights

ASK_ADMINISTRATOR = "Send the link to an administrator of the company, who must click it."
PLAN = "Choose a QuickBooks Online plan that apps may connect to, then open the link again."


class _Fresh:
    """The credentials of a consent that is not accepted yet: one token, one company."""

    def __init__(self, realm: str, tokens: Tokens) -> None:
        self._realm = realm
        self._tokens = tokens

    def bearer(self, connection: str) -> str:
        return self._tokens.access_token

    def rejected(self, connection: str, token: str) -> str:
        raise Disconnected("QuickBooks did not accept the consent it had just given.", code="3200")

    def realm(self, connection: str) -> str:
        return self._realm

    def expiries(self, connection: str) -> tuple[datetime | None, datetime | None]:
        return self._tokens.refresh_expires_at, None

    def api_key(self, connection: str) -> str:
        raise Disconnected("WizCommerce is not asked while QuickBooks is being connected.")


class Connecting:
    """Brings a connection about, and ends it."""

    def __init__(
        self,
        settings: Settings,
        records: Records,
        sights: Sights,
        schedule: Schedule,
        people: People,
        links: Links,
        tokens: TokenStore,
        oauth: QuickBooksOAuth,
        limiter: Limiter,
        sealer: Sealer,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._records = records
        self._sights = sights
        self._schedule = schedule
        self._people = people
        self._links = links
        self._tokens = tokens
        self._oauth = oauth
        self._limiter = limiter
        self._sealer = sealer
        self._clock = clock
        self._http = make_client(connections=4)

    def close(self) -> None:
        """Lets go of its connections."""
        self._http.close()

    # ---- WizCommerce ---------------------------------------------------------------------------------------------------------

    def join_tenant(self, connection: str, who: str, *, token: str = "", email: str = "", password: str = "") -> Token:
        """Takes the WizCommerce side in. Raises a GatewayError, or NotPossible when the tenant belongs elsewhere."""
        auth = WizCommerceAuth(self._clock, http=self._http)
        address = self._settings.wizcommerce_api_url
        found = auth.check(address, token) if token else auth.token(address, email, password)
        tenant = found.tenant or f"token {self._sealer.fingerprint(found.access_token)}"
        named = (
            self._sealer.fingerprint(f"tenant:{tenant}") if found.tenant else ""
        )  # a bare token does not say whose it is
        before = self._records.connection(connection).tenant
        if named and before and named != before:
            raise NotPossible(
                f"{connection!r} belongs to another WizCommerce tenant already, for ever. "
                "Connect this tenant under another name."
            )
        said = TenantJoined(tenant=named, expires_at=found.expires_at)
        self._claim(connection, "wizcommerce", "tenant", tenant, said, who)
        self._tokens.save_tenant(connection, tenant, found.access_token, found.expires_at, email, password)
        self._reopened(connection, said, who)
        self._schedule.due_now(connection, "orders", "customers", "expiries", "first-buyer")
        return found

    def _reopened(self, connection: str, said: TenantJoined, who: str) -> None:
        """A pull that ran before the token was stored may have closed the gate again: it is opened once more."""

        def build() -> list[Entry]:
            now = self._records.connection(connection)
            if now.wizcommerce == "open":
                return []
            return [Entry(stream=connection_stream(connection), version=now.version, events=[said])]

        self._records.append(build, by_person(who, "connect"))

    def renew_tenant(self, connection: str) -> bool:
        """A new WizCommerce token with the log-in a person left here; False when none was left, or it no longer works."""
        login = self._tokens.tenant_login(connection)
        if login is None:
            return False
        try:
            self.join_tenant(connection, "schedule", email=login[0], password=login[1])
        except Refused:
            return False  # the warning that follows tells a person
        return True

    # ---- QuickBooks ----------------------------------------------------------------------------------------------------------

    def make_link(self, connection: str, who: str) -> str:
        """A link of our own, valid for seven days, that can be sent to the company's administrator."""
        self._people.open(connection, who)
        return f"{self._settings.address}/connect/{self._links.make_link(connection, who)}"

    def open_link(self, token: str) -> str | Ending:
        """The consent page's address, with a `state` made for this opening."""
        try:
            state, _ = self._links.open_link(token)
        except LinkProblem as problem:
            return _ending(problem, f"link-{problem.reason}")
        return self._oauth.authorize_url(state)

    def refuse(self, state: str, error: str) -> Ending:
        """The administrator, or QuickBooks, said no."""
        try:
            connection, who = self._links.use_state(state)
        except LinkProblem as problem:
            return _ending(problem, f"state-{problem.reason}")
        if error == "access_denied":
            sentence = "The consent was declined in QuickBooks."
            step = f"Open the link again to consent. {ASK_ADMINISTRATOR}"
            return self._refused(connection, who, "denied", sentence, step)
        step = "Check the app's settings at Intuit (scope, redirect address), then open the link again."
        return self._refused(connection, who, "failed", "QuickBooks did not offer the consent.", step)

    def complete(self, state: str, code: str, realm: str) -> Ending:
        """Exchanges the code, looks at the company, and connects it if it may be."""
        try:
            connection, who = self._links.use_state(state)
        except LinkProblem as problem:
            return _ending(problem, f"state-{problem.reason}")
        tokens = self._oauth.exchange(code)
        try:
            facts = self._look_at_company(connection, realm, tokens)
        except (Disconnected, Suspended, Refused) as fault:
            sentence, step = _why_not_connected(fault)
            return self._refused(connection, who, "not-allowed", sentence, step)
        return self._accept(connection, who, realm, tokens, facts)

    def _look_at_company(self, connection: str, realm: str, tokens: Tokens) -> CompanyFacts:
        client = QuickBooksClient(
            self._settings.quickbooks_api_url, self._http, _Fresh(realm, tokens), self._limiter, self._clock
        )
        return QuickBooksGateway(client, self._clock).company(connection)

    def _accept(self, connection: str, who: str, realm: str, tokens: Tokens, facts: CompanyFacts) -> Ending:
        now = self._records.connection(connection)
        again = now.quickbooks != "new"
        until = tokens.refresh_expires_at
        said: Event = (
            ConsentRegained(company=facts.name, refresh_expires_at=until)
            if again
            else ConsentGranted(company=facts.name, refresh_expires_at=until)
        )
        problem = self._belongs_elsewhere(connection, "quickbooks", "company", realm, facts.name)
        if problem:
            self._let_go(connection, realm, facts, tokens)
            return self._refused(
                connection, who, "other-company", problem, "Choose the right company after opening the link."
            )
        self._tokens.save_company(connection, realm, facts.name, tokens)
        try:
            self._claim(connection, "quickbooks", "company", realm, said, who)
        except NotPossible as claimed:  # by another connection, at this very moment
            self._tokens.forget(connection, "quickbooks")
            return self._refused(connection, who, "other-company", str(claimed), "Use that connection.")
        self._sights.company(connection, facts, by_person(who, "connect"))
        # Regained: the facts have just been read, and whatever of the first pulls is missing is due by itself.
        self._schedule.due_now(connection, *(("changes", "orders", "customers", "expiries") if again else ()))
        outcome = "regained" if again else "granted"
        return Ending(
            outcome=outcome, ok=True, sentence=f"{facts.name} is connected.", next_step="You can close this page."
        )

    def _let_go(self, connection: str, realm: str, facts: CompanyFacts, tokens: Tokens) -> None:
        """Ends a consent that was given in the wrong place: revoked, unless that would disconnect the company's owner.

        A company has one living consent for our app: this one ended the one its own connection had, and revoking it would
        leave that connection without any. Source: QuickBooks reference, 1.2 and 1.6.
        """
        owner = self._tokens.connection_of_realm(realm)
        if owner is not None and owner != connection and self._records.connection(owner).quickbooks == "open":
            self._tokens.save_company(owner, realm, facts.name, tokens)
        else:
            self._oauth.revoke(tokens.refresh_token)

    def disconnect(self, connection: str, who: str) -> str:
        """Revokes the consent at QuickBooks and forgets the tokens. Answers with a sentence."""
        try:
            self._oauth.revoke(self._tokens.refresh_token(connection))
            told = "QuickBooks was told."
        except Disconnected:
            told = "It was not connected any more."
        self._tokens.forget(connection, "quickbooks")
        self._people.consent_ended(connection, who)
        return (
            f"{connection} is disconnected from QuickBooks. {told} What is pending waits until it is connected again."
        )

    # ---- claims --------------------------------------------------------------------------------------------------------------

    def _link(self, system: System, kind: str, remote: str) -> str:
        return f"link-:{system}:{kind}:{self._sealer.fingerprint(f'{kind}:{remote}')}"

    def _belongs_elsewhere(self, connection: str, system: System, kind: str, remote: str, name: str) -> str:
        """Why this company may not be connected here; '' when it may."""
        story = self._records.log.read(self._link(system, kind, remote))
        owner = story[0].event.record if story and isinstance(story[0].event, RemoteClaimed) else ""
        if owner and owner != connection_stream(connection):
            return f"{name} belongs to the connection {owner.removeprefix('connection-')!r} already, for ever."
        now = self._records.connection(connection)
        if not owner and now.company:
            return f"The connection {connection!r} is {now.company}; you chose {name}."
        return ""

    def _claim(self, connection: str, system: System, kind: str, remote: str, said: Event, who: str) -> None:
        link = self._link(system, kind, remote)

        def build() -> list[Entry]:
            claimed_before = self._claimed_by(connection, link, kind)
            now = self._records.connection(connection)
            entry = Entry(stream=connection_stream(connection), version=now.version, events=[said])
            if not claimed_before:
                claimed = RemoteClaimed(record=connection_stream(connection))
                return [Entry(stream=link, version=0, events=[claimed]), entry]
            return [entry]

        self._claimed_by(connection, link, kind)  # before anything begins: a wrong name leaves no connection behind
        self._people.open(connection, who)
        self._records.append(build, by_person(who, "connect"))

    def _claimed_by(self, connection: str, link: str, kind: str) -> bool:
        """Whether the connection has it already; False when nobody has. Raises NotPossible when another one has it."""
        story = self._records.log.read(link)
        owner = story[0].event if story else None
        if isinstance(owner, RemoteClaimed) and owner.record != connection_stream(connection):
            name = owner.record.removeprefix("connection-")
            raise NotPossible(
                f"This {kind} belongs to the connection {name!r} already, for ever. Go on with that one: "
                f"`wizqbo connect {name}`."
            )
        return bool(story)

    def _refused(self, connection: str, who: str, outcome: str, sentence: str, next_step: str) -> Ending:
        def build() -> list[Entry]:
            now = self._records.connection(connection)
            event = ConsentRefused(reason=sentence)
            return [Entry(stream=connection_stream(connection), version=now.version, events=[event])]

        self._records.append(build, by_person(who, "connect"))
        return Ending(outcome=outcome, ok=False, sentence=sentence, next_step=next_step)


def _ending(problem: LinkProblem, outcome: str) -> Ending:
    return Ending(outcome=outcome, ok=False, sentence=problem.sentence, next_step=problem.next_step)


def _why_not_connected(fault: GatewayError) -> tuple[str, str]:
    """(sentence, next step) for a consent that QuickBooks gave and its API does not honour."""
    if fault.code in ("3100", "003100"):
        return (
            "Whoever consented is not an administrator of that company, or has no right to connect apps.",
            ASK_ADMINISTRATOR,
        )
    if fault.code in ("120", "5020", "5030"):
        return "That company's QuickBooks plan does not let apps in.", PLAN
    return fault.sentence, fault.next_step or ASK_ADMINISTRATOR
