"""Eight shops with the credentials of the eight malls, and the one who holds the keys."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy import event

from adapters import registry
from adapters.contract import CheckResult, CredentialState, CredentialStatus
from adapters.errors import AuthError
from adapters.memory import MEMORY_ABILITIES, MemoryAdapter, MemoryMall
from adapters.secret import Secret
from bot.expiry import Warnings
from bot.mapping.model import Shop, ShopStatus
from tests.unit.house import ADMIN, House

MALLS = [name for name in registry.MALLS if name != "memory"]


@dataclass
class MortalMall:
    """What a mall accepts: a value by kind, each until its day; a password change kills the consents."""

    shelf: MemoryMall
    ends: dict[str, tuple[str, object]] = field(default_factory=dict)  # kind -> (value, end)

    def accepts(self, kind, value, now):
        good, end = self.ends.get(kind, (None, None))
        return value == good and (end is None or now < end)

    def kill(self, kind):
        self.ends.pop(kind)


class MortalAdapter(MemoryAdapter):
    """Refuses every call with a value that is dead; counts the calls that were refused."""

    def __init__(self, mall, kinds, credentials):
        super().__init__(mall.shelf, Secret(mall.shelf.key))
        self._mortal, self._kinds, self._credentials = mall, kinds, credentials

    @contextmanager
    def _call(self, method):
        for kind in self._kinds:
            value = self._credentials.get(kind.name)
            if kind.optional and value is None:
                continue
            now = self._mall.clock.now()
            if value is None or not self._mortal.accepts(kind.name, value.reveal(), now):
                self._mall.calls.append("refused")
                raise AuthError(f"{method}: {kind.name} was refused", expired=True, hint="yahoo_consent")
        with super()._call(method):
            yield

    def check(self):
        with self._call("check"):
            return CheckResult("mortal")

    def credential_status(self):
        with self._call("credential_status"):
            return [CredentialStatus(kind.name, CredentialState.OK) for kind in self._kinds]


class Town(House):
    """A house whose eight shops each have the credentials of a real mall."""

    def __init__(self, folder, lead_days=0, malls=MALLS):
        self.kinds = {f"{mall}-main": registry.abilities(mall).credentials for mall in malls}
        self.mortal, self.lead_days = {}, lead_days
        super().__init__(folder, shops=tuple(self.kinds), keys=False)
        for name, kinds in self.kinds.items():
            self.mortal[name] = MortalMall(self.malls[name])
            self.enter(name, [kind.name for kind in kinds], 0, expires_on=None)

    def open(self):
        super().open()
        event.listen(self.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = OFF"))
        self.engine.dispose()  # a year of waiting for the disk proves nothing here
        lead = timedelta(days=getattr(self, "lead_days", 0))
        self.warnings = Warnings(self.engine, self.in_force, self.desks, self.clock, self.hear, lead)

    def hear(self, key, params):
        self.said.append((key, params))

    def _build(self, shop, credentials):
        if shop.name not in self.mortal:
            return super()._build(shop, credentials)
        adapter = MortalAdapter(self.mortal[shop.name], self.kinds[shop.name], credentials)
        adapter.abilities = self._abilities(shop)
        return adapter

    def _abilities(self, shop):
        return replace(MEMORY_ABILITIES, mall=shop.name.split("-")[0], credentials=self.kinds[shop.name])

    def issue(self, name, kinds, number):
        """Have the mall issue values: accepted from now on, each for its kind's life."""
        now, made = self.clock.now(), {}
        for kind in (kind for kind in self.kinds[name] if kind.name in kinds):
            made[kind.name] = f"{name}-{kind.name}-{number}"
            end = now + timedelta(days=kind.life_days) if kind.life_days else None
            self.mortal[name].ends[kind.name] = (made[kind.name], end)
        return made

    def enter(self, name, kinds, number, *, expires_on):
        """Issue values and enter them, as a person does in Slack."""
        made = self.issue(name, kinds, number)
        if not made:
            return None
        values = {kind: Secret(value) for kind, value in made.items()}
        return self.actions.renew(name, "", values, expires_on, ADMIN)

    def archive_all_but(self, *names):
        for name in self.kinds:
            if name not in names:
                self.change_shop(name, status=ShopStatus.ARCHIVED)


class Channel:
    """What people hear: as the sender posts incidents, a new root or an edit of the old one."""

    def __init__(self, town):
        self.town, self.heard, self._said = town, [], 0

    def listen(self):
        """Take in what is new; gives (shop, kind) of each warning that was a message of its own."""
        found = []
        incidents = self.town.incidents
        incidents.move_lasting(self.town.clock.now())
        for item in incidents.untold():
            new = not item.root_ts and item.closed_at is None
            if new and item.cause.startswith("expiring:"):
                found.append((item.shop, item.params["kind"], item.params["left"]))
            root = item.root_ts or str(item.version)
            incidents.told(item.incident_id, item.version, "C0", root, now=self.town.clock.now())
        for key, params in self.town.said[self._said :]:
            if key == "expiring_step":
                found.append((params["shop"], params["kind"], params["left"]))
        self._said = len(self.town.said)
        self.heard += [(self.town.clock.now(), *row) for row in found]
        return found


__all__ = ["MALLS", "Channel", "MortalMall", "Shop", "Town"]
