"""Reading the audit trail: whose lines somebody may see, which of them are asked for, a page at a time."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts import telling
from accounts.audit import AuditEvent, kind_of
from accounts.finding import search
from accounts.models import Account, User
from accounts.parameters import day_in, number_in, words_in
from accounts.people import homed_in

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page of the trail is asked for. A value that means nothing asks for nothing.

    `thing` is a kind and an id: only the lines about that token, that service, that scope.
    """

    q: str = ""
    kind: str = ""
    whom: str = ""
    by: str = ""
    first: date | None = None
    last: date | None = None
    person: int | None = None
    thing: tuple[str, int] | None = None
    action: str = ""
    actor: int | None = None

    @classmethod
    def of(cls, query: Mapping[str, str], *, kinds: Collection[str], things: Iterable[str]) -> "Asked":
        """Read a query; `things` are the kinds whose ids may be asked for, each by its name."""
        numbers = {name: number_in(query.get(name, "")) for name in ("person", "actor", *things)}
        return cls(
            q=words_in(query.get("q", "")),
            kind=query.get("kind", "") if query.get("kind") in kinds else "",
            whom=words_in(query.get("whom", "")),
            by=words_in(query.get("by", "")),
            first=day_in(query.get("from", "")),
            last=day_in(query.get("to", "")),
            action=words_in(query.get("action", "")),
            person=numbers.pop("person"),
            actor=numbers.pop("actor"),
            thing=next(((name, number) for name, number in numbers.items() if number is not None), None),
        )

    @property
    def parameters(self) -> dict[str, str]:
        """The query again, without what asks for nothing."""
        said = {
            "q": self.q,
            "kind": self.kind,
            "action": self.action,
            "whom": self.whom,
            "by": self.by,
            "from": self.first,
            "to": self.last,
            "person": self.person,
            "actor": self.actor,
            **dict([self.thing] if self.thing else []),
        }
        return {name: str(value) for name, value in said.items() if value not in ("", None)}


def asked_of(query: Mapping[str, str], actions: Iterable[str]) -> Asked:
    """What a query asks for; `actions` are all there are in the trail."""
    known = telling.kinds()
    things = [name for name, kind in known.items() if kind.names]
    return Asked.of(query, kinds={*known, *map(kind_of, actions)}, things=things)


class Trail:
    """The lines that touch the people and accounts in the subtrees of `accounts`, newest first."""

    def __init__(self, accounts: frozenset[int], *, now: datetime) -> None:
        """Remember whose lines."""
        self._accounts = accounts
        self._people = homed_in(accounts, now=now)
        self._is_whole = not self._people.query.has_filters()  # the root is everybody's home, without a question

    def asked(self, asked: Asked, *, actions: Iterable[str], zone: ZoneInfo) -> QuerySet[AuditEvent]:
        """The lines that are asked for. `actions` are all there are in the trail; days are those of `zone`."""
        lines = self._within().filter(_of_days(asked, zone))
        for kind in filter(None, (asked.kind, asked.thing[0] if asked.thing else "")):
            lines = lines.filter(action__in=[action for action in actions if kind_of(action) == kind])
        if asked.thing:
            lines = lines.filter(subject_id=asked.thing[1])
        exact = {"action": asked.action or None, "person": asked.person, "actor": asked.actor}
        lines = lines.filter(**{name: value for name, value in exact.items() if value is not None})
        for words, condition in ((asked.q, self._holding), (asked.whom, self._touching), (asked.by, self._done_by)):
            lines = lines.filter(condition(words)) if words else lines
        return lines

    def _within(self) -> QuerySet[AuditEvent]:
        lines = AuditEvent.objects.select_related("actor", "person", "account").order_by("-at", "-pk")
        if self._is_whole:
            return lines
        below = Account.objects.filter(path__overlap=list(self._accounts))
        return lines.filter(Q(person__in=self._people.values("pk")) | Q(account__in=below.values("pk")))

    def _holding(self, words: str) -> Q:
        return Q(person__in=self._found(words)) | Q(actor__in=self._found(words)) | Q(reason__icontains=words)

    def _touching(self, words: str) -> Q:
        accounts = Account.objects.filter(name__icontains=words)
        return Q(person__in=self._found(words)) | Q(person=None, account__in=accounts.values("pk"))

    def _done_by(self, words: str) -> Q:
        """By somebody: of one's own people by all they are called, of others by the name that the lines show."""
        people = self._found(words)
        if not self._is_whole:
            people = User.objects.filter(Q(pk__in=people) | Q(name__icontains=words)).only("pk")
        is_portal = words.casefold() in _("the portal").casefold()
        return Q(actor__in=people) | Q(actor=None) if is_portal else Q(actor__in=people)

    def _found(self, words: str) -> QuerySet[User]:
        return search(self._people, words).only("pk")


def _of_days(asked: Asked, zone: ZoneInfo) -> Q:
    days = Q()
    if asked.first:
        days &= Q(at__gte=datetime.combine(asked.first, time.min, zone))
    if asked.last and asked.last < date.max:
        days &= Q(at__lt=datetime.combine(asked.last + A_DAY, time.min, zone))
    return days


def before(lines: QuerySet[AuditEvent], last: str) -> QuerySet[AuditEvent]:
    """The lines before the one that ended the page before; no page costs more because it is deep."""
    number = number_in(last)
    ended = AuditEvent.objects.filter(pk=number).only("at").first() if number is not None else None
    if ended is None:
        return lines
    return lines.filter(Q(at__lt=ended.at) | Q(at=ended.at, pk__lt=ended.pk), at__lte=ended.at)
