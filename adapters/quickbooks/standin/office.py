"""Everything one stand-in holds: the app's registration, the companies, the room's clock, log, faults, outbox."""

from __future__ import annotations

from typing import Any

from adapters.quickbooks.standin.allowance import Allowance
from adapters.quickbooks.standin.company import Change, Company
from adapters.quickbooks.standin.founding import FIRST_REALM, found_company
from adapters.quickbooks.standin.grants import Grants
from adapters.quickbooks.standin.identity import Identity
from adapters.quickbooks.standin.notices import Notices
from adapters.quickbooks.standin.replies import RememberedReplies
from adapters.quickbooks.standin.switches import Switches
from adapters.quickbooks.standin.throttle import Throttle
from adapters.standin.calls import CallLog
from adapters.standin.clock import StandInClock
from adapters.standin.control import ControlRefused
from adapters.standin.delivery import DeliveryMode
from adapters.standin.faults import FaultRules

FAULT_KINDS = (
    "401",
    "403",
    "429-json",
    "429-xml",
    "502-html",
    "200-fault",
    "stale-5010",
    "query-4002",
    "fault",
    "request-id-ignored",
    "request-id-expired",
)


class Office:
    """The state behind every handler; used on the loop thread only."""

    def __init__(self, clock: StandInClock, delivery: DeliveryMode) -> None:
        self.clock = clock
        self.switches = Switches()
        self.calls = CallLog(clock)
        self.faults = FaultRules(FAULT_KINDS)
        self.grants = Grants(clock, self.switches)
        self.notices = Notices(clock, delivery, self.switches, self.grants.verifier_token)
        self.replies = RememberedReplies(clock, self.switches)
        self.throttle = Throttle(clock, self.switches)
        self.allowance = Allowance(clock, self.switches)
        self.identity = Identity()
        self.companies: dict[str, Company] = {}
        # The chain of tokens in the ready line, by company: made when first asked for.
        self.ready_made: dict[str, dict[str, Any]] = {}
        self.add_company(FIRST_REALM)

    def add_company(self, realm: str = "", name: str = "Sandbox Company", country: str = "US") -> Company:
        """Found a company; without a realm it gets the next free one. Raises ControlRefused for a bad realm."""
        realm = realm or str(int(FIRST_REALM) + len(self.companies))
        if not (realm.isascii() and realm.isdigit() and len(realm) >= 16):
            raise ControlRefused("A realm is a decimal number of at least 16 digits.")
        if realm in self.companies:
            raise ControlRefused(f"There is already a company {realm}.")
        company = found_company(realm, self.clock, self._changed, name, country)
        self.companies[realm] = company
        return company

    def purge(self, company: Company) -> Company:
        """Found the company anew, as Intuit does on request: every record is gone, the ids begin again."""
        facts = company.all("CompanyInfo")[0].wire
        fresh = found_company(company.realm, self.clock, self._changed, facts["CompanyName"], facts["Country"])
        fresh.standing = company.standing
        self.companies[company.realm] = fresh
        return fresh

    def company(self, realm: str | None = None) -> Company:
        """The company of a realm, or the first one. Raises ControlRefused when there is none."""
        if not realm:
            return next(iter(self.companies.values()))
        if realm not in self.companies:
            raise ControlRefused(f"There is no company {realm}; known are {', '.join(self.companies)}.")
        return self.companies[realm]

    def follow_switches(self, company: Company) -> None:
        """Let the company's tax preferences say what the tax switch says, unless that leaves them to the company."""
        if self.switches.tax == "company":
            return
        record = company.all("Preferences")[0]
        taxes = {"UsingSalesTax": self.switches.tax != "none"}
        if self.switches.tax == "automated":
            taxes["PartnerTaxEnabled"] = True
        kept = {key: value for key, value in record.wire["TaxPrefs"].items() if key != "PartnerTaxEnabled"}
        company.amend(record, {**record.wire, "TaxPrefs": {**kept, **taxes}})

    def clear(self) -> None:
        """As after a fresh start; the app's own keys stay."""
        self.grants.clear()
        self.replies.clear()
        self.throttle.clear()
        self.allowance.clear()
        self.notices.url = ""
        self.companies.clear()
        self.ready_made.clear()
        self.add_company(FIRST_REALM)

    def _changed(self, change: Change) -> None:
        """Only connected companies are reported, and only from then on. Source: QuickBooks reference, section 8.1."""
        if self.grants.connected(change.realm):
            self.notices.note(change)
