"""The API's view of people: as Canvas shows them."""

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.reach import caller, get_person
from accounts.contract import PERSON, endpoint
from accounts.models import User
from accounts.moments import MomentField


class UserSerializer(serializers.ModelSerializer[User]):
    """A person. What the school does not know is null."""

    sortable_name = serializers.SerializerMethodField()
    short_name = serializers.CharField(source="get_short_name")
    email = serializers.SerializerMethodField()
    created_at = MomentField()

    class Meta:
        model = User
        fields: tuple[str, ...] = (
            "id",
            "name",
            "sortable_name",
            "short_name",
            "login_id",
            "sis_user_id",
            "email",
            "created_at",
        )

    def get_sortable_name(self, user: User) -> str:
        return user.sortable_name or user.name

    def get_email(self, user: User) -> str | None:
        return user.email or None


class ProfileSerializer(UserSerializer):
    """A person, with what they chose themselves."""

    primary_email = serializers.SerializerMethodField(method_name="get_email")
    time_zone = serializers.CharField()
    locale = serializers.SerializerMethodField()

    class Meta(UserSerializer.Meta):
        fields = (*UserSerializer.Meta.fields, "primary_email", "time_zone", "locale")

    def get_locale(self, user: User) -> str | None:
        return user.locale or None


class Person(APIView):
    @endpoint("get_user", UserSerializer, refusals=[404], parameters=[PERSON], tag="People")
    def get(self, request: Request, user_id: str) -> Response:
        """Show a person: yourself, or with `users.view` another."""
        person = get_person(caller(request), user_id, now=timezone.now())
        return Response(UserSerializer(person).data)


class Profile(APIView):
    @endpoint("get_profile", ProfileSerializer, refusals=[404], parameters=[PERSON], tag="People")
    def get(self, request: Request, user_id: str) -> Response:
        """Show a person's profile: your own, or with `users.view` another's."""
        person = get_person(caller(request), user_id, now=timezone.now())
        return Response(ProfileSerializer(person).data)
