"""What an organization wants of sign-ins: who must have a second factor, and what wants a proof."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal, NamedTuple

from django.db import connection
from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Least

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.identity.browsers import Lengths, alive, lasts, longest
from quittance.identity.models import AuthenticatorApp, Passkey, SignIn, SignInPolicy, User
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import current_organization_id

IDLE_MINUTES: Final = (10, 480)  # the shortest leaves time for what announces the end
HOURS: Final = (1, 8)  # source of the longest: security.md, A6
GRACE: Final = timedelta(days=14)  # from the organization's beginning, to add a second factor in
_EVER: Final = date(1970, 1, 1)
Wish = SignInPolicy.Wish


class BelowZero(RuleBroken):
    """Enter an amount of zero or more, or none."""


class NoLength(RuleBroken):
    """A session goes on unused for 10 to 480 minutes, and at all for 1 to 8 hours."""


class Policy(NamedTuple):
    """What holds for an organization."""

    staff: str = Wish.REQUIRED
    staff_from: date = date.max
    buyers: str = Wish.OFFERED
    proof_above: Money | None = None
    staff_lengths: Lengths = Lengths()

    def wanted_from(self, *, staff: bool) -> datetime | None:
        """Return from when on somebody of this side must have a second factor; ``None``: never."""
        if (self.staff if staff else self.buyers) != Wish.REQUIRED:
            return None
        return datetime.combine(self.staff_from if staff else _EVER, time(), UTC)

    def wish_for(self, user: User) -> str:
        """Return what holds for this person today."""
        if not user.is_staff:
            return self.buyers
        early = self.staff == Wish.REQUIRED and clock.now().date() < self.staff_from
        return Wish.OFFERED if early else self.staff


def policy_of() -> Policy:
    """Return what holds, in a transaction of the caller.

    An organization that said nothing wants a second factor of its staff, two weeks after its
    beginning, and offers one to buyers.
    """
    row = SignInPolicy.objects.first()
    if row is None:
        began = Organization.objects.values_list("created_at", flat=True)
        return Policy(staff_from=(began.get(pk=current_organization_id()) + GRACE).date())
    above = row.proof_above_minor
    limit = None if above is None else Money(above, row.proof_currency)
    lengths = Lengths(row.staff_idle_minutes, row.staff_hours)
    return Policy(row.staff, row.staff_from, row.buyers, limit, lengths)


def keep_policy(policy: Policy) -> None:
    """Have this hold, from the next request of who is signed in on.

    Raises ``BelowZero``, ``NoLength``.
    """
    above, (idle, hours) = policy.proof_above, policy.staff_lengths
    if above is not None and above.minor < 0:
        raise BelowZero
    if not (_within(idle, IDLE_MINUTES) and _within(hours, HOURS)):
        raise NoLength
    said = {
        "staff": policy.staff, "staff_from": policy.staff_from, "buyers": policy.buyers,
        "proof_above_minor": above.minor if above else None,
        "proof_currency": above.currency if above else "",
        "staff_idle_minutes": idle, "staff_hours": hours,
    }  # fmt: skip
    with writing():
        _hold("pg_advisory_xact_lock")
        SignInPolicy.objects.update_or_create(
            organization_id=current_organization_id(), defaults=said
        )
        _reach(alive(), policy)
        _shorten(policy.staff_lengths)
        record_event("sign-in policy changed", now={key: str(each) for key, each in said.items()})


def count_factors(person: User) -> None:
    """Open or close the person's sessions by the factors of now, in a transaction of the caller."""
    _hold("pg_advisory_xact_lock_shared")
    _reach(alive(user=person), policy_of())


def has_factor(user: User) -> bool:
    """Say whether a sign-in asks this person for a second step, in a transaction of the caller."""
    return User.objects.filter(_has(OuterRef("pk")), pk=user.pk).exists()


def enrol_from(user: User, *, vouched: bool) -> datetime | None:
    """Return from when on a session that begins is open only to add a factor; ``None``: never.

    In the transaction of the caller that writes the session: until it ends nobody changes the
    policy, so none becomes stricter between the two. ``vouched``: the person's company saw to the
    second step.
    """
    _hold("pg_advisory_xact_lock_shared")
    if vouched or has_factor(user):
        return None
    return policy_of().wanted_from(staff=user.is_staff)


def wants_proof(amount: Money) -> bool:
    """Say whether a payment of so much wants a fresh proof, in a transaction of the caller.

    Another currency is not converted: it counts as above the limit (as in tenancy/limits.py). What
    moves no money is above none.
    """
    above = policy_of().proof_above
    if above is None or not amount.minor:
        return False
    return amount.currency != above.currency or amount.minor > above.minor


def _reach(sessions: QuerySet[SignIn], policy: Policy) -> None:
    """Write on the rows of sessions, which every request reads, from when on each is closed.

    So a rule that becomes stricter counts at the next request, and costs none a question more.
    """
    has = _has(OuterRef("user"))
    sessions.filter(has).update(enrol_from=None)
    without = sessions.filter(~has, vouched=False)
    buyers = without.filter(user__staff_role=User.StaffRole.NONE)
    buyers.update(enrol_from=policy.wanted_from(staff=False))
    staff = without.exclude(user__staff_role=User.StaffRole.NONE)
    staff.update(enrol_from=policy.wanted_from(staff=True))


def _shorten(lengths: Lengths) -> None:
    """Write on the sessions of staff how long they go on from now; one may be over by it at once.

    What becomes longer again does so from now on, too, and never beyond what the product allows.
    """
    idle, hours = lengths
    most = longest(User(staff_role=User.StaffRole.CLERK))
    whole = most if hours is None else min(most, timedelta(hours=hours))
    end = F("began_at") + whole
    staff = alive().exclude(user__staff_role=User.StaffRole.NONE)
    staff.update(
        idle_minutes=idle, longest_until=None if hours is None else end,
        until=Least(Value(clock.now() + lasts(idle), DateTimeField()), end),
    )  # fmt: skip


def _within(chosen: int | None, bounds: tuple[int, int]) -> bool:
    return chosen is None or bounds[0] <= chosen <= bounds[1]


def _has(user: OuterRef) -> Q:
    apps = AuthenticatorApp.objects.filter(user=user, confirmed_at__isnull=False)
    return Q(Exists(apps)) | Q(Exists(Passkey.objects.filter(user=user)))


def _hold(way: Literal["pg_advisory_xact_lock", "pg_advisory_xact_lock_shared"]) -> None:
    """Keep the policy as it is until the transaction ends: shared by who reads it to write by it.

    Its row would not do: most organizations have none.
    """
    key = f"sign-in policy:{current_organization_id()}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {way}(hashtextextended(%s, 0))", [key])
