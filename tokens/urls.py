"""The pages about tokens."""

from django.urls import path
from django.views.generic import RedirectView

from tokens.views import answering, asking, exemptions, inventory, making, mine, one, people, person, scopes, verifiers

app_name = "tokens"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="tokens:mine"), name="home"),
    path("tokens/", mine.mine, name="mine"),
    path("tokens/new/", making.new, name="new"),
    path("tokens/ask/", making.ask, name="ask"),
    path("tokens/requests/<int:number>/generate/", asking.generate, name="request_generate"),
    path("tokens/requests/<int:number>/withdraw/", asking.withdraw, name="request_withdraw"),
    path("requests/", answering.queue, name="requests"),
    path("requests/approve/", answering.approve_many, name="requests_approve"),
    path("requests/refuse/", answering.refuse, name="requests_refuse"),
    path("requests/<int:number>/", answering.approve, name="request_approve"),
    path("tokens/revoke-all/", mine.revoke_all, name="revoke_all"),
    path("tokens/<int:token_id>/", one.show, name="show"),
    path("tokens/<int:token_id>/edit/", one.edit, name="edit"),
    path("tokens/<int:token_id>/regenerate/", making.regenerate, name="regenerate"),
    path("tokens/<int:token_id>/activate/", one.activate, name="activate"),
    path("tokens/<int:token_id>/suspend/", one.suspend, name="suspend"),
    path("tokens/<int:token_id>/resume/", one.resume, name="resume"),
    path("tokens/<int:token_id>/revoke/", one.revoke, name="revoke"),
    path("inventory/", inventory.inventory, name="inventory"),
    path("inventory/revoke/", inventory.revoke, name="inventory_revoke"),
    path("inventory/export/", inventory.export, name="inventory_export"),
    path("exemptions/", exemptions.listing, name="exemptions"),
    path("exemptions/new/", exemptions.of_role, name="exemption_new"),
    path("exemptions/<int:exemption_id>/end/", exemptions.end, name="exemption_end"),
    path("verifiers/", verifiers.listing, name="verifiers"),
    path("verifiers/new/", verifiers.register, name="verifier_new"),
    path("verifiers/<int:verifier_id>/revoke/", verifiers.revoke, name="verifier_revoke"),
    path("scopes/", scopes.listing, name="scopes"),
    path("scopes/new/", scopes.define, name="scope_new"),
    path("scopes/<int:scope_id>/retire/", scopes.retire, name="scope_retire"),
    path("people/", people.people, name="people"),
    path("people/<int:user_id>/", person.person, name="person"),
    path("people/<int:user_id>/new/", making.person_new, name="person_new"),
    path("people/<int:user_id>/exempt/", exemptions.of_person, name="person_exempt"),
    path("people/<int:user_id>/revoke/", person.revoke_selected, name="person_revoke"),
    path("people/<int:user_id>/revoke-all/", person.revoke_all, name="person_revoke_all"),
]
