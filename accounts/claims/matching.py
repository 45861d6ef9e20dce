"""Who of the people here somebody is whom the school's own sign-in has let in."""

from accounts.claims.reading import Claims, is_email_verified, is_same_name, text_of
from accounts.claims.rules import Arrivals, Field
from accounts.claims.turned import Turned, Why
from accounts.models import User


def known_by(claims: Claims, arrivals: Arrivals) -> str:
    """What a person is looked for by. Raises Turned where that is not said, or not so that it may be trusted."""
    if not arrivals.lets(claims):
        raise Turned(Why.NOT_ENTITLED, said=text_of(claims, arrivals.claim))
    said = text_of(claims, arrivals.claim)
    if not said:
        raise Turned(Why.NO_CLAIM)
    if arrivals.needs_verified_email and not is_email_verified(claims):
        raise Turned(Why.UNVERIFIED_EMAIL, said=said)
    return said


def find_person(said: str, field: Field) -> User | None:
    """The person known by that. Raises Turned where several are, such as parents with one address."""
    if field == Field.SIS_USER_ID:
        return User.objects.filter(sis_user_id=said).first()
    alike = User.objects.filter(**{f"{field}__iexact": said})
    found = [person for person in alike if is_same_name(getattr(person, field), said)]
    if len(found) > 1:
        raise Turned(Why.AMBIGUOUS, said=said)
    return found[0] if found else None


def person_of(claims: Claims, said: str, arrivals: Arrivals) -> User:
    """Somebody new, as the claims describe them, not saved yet."""
    login_id = said if arrivals.field == Field.LOGIN_ID else text_of(claims, arrivals.login_claim)
    if not login_id or len(login_id) > 255 or len(said) > 255:
        raise Turned(Why.NO_CLAIM, said=said)
    return User(
        login_id=login_id,
        name=text_of(claims, "name")[:255] or login_id,
        email=_email(claims),
        sis_user_id=said if arrivals.field == Field.SIS_USER_ID else None,
    )


def _email(claims: Claims) -> str:
    address = text_of(claims, "email") if is_email_verified(claims) else ""
    return address if len(address) <= 254 else ""
