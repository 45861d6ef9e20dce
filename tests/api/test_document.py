"""The OpenAPI document and its page. That real answers match the document, `tests.api.caller` asks at every call."""

import json
from io import StringIO

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from jsonschema import ValidationError

from policies.refusals import Code
from tests.api.caller import bearer_of
from tests.api.contract import document, find_operation, require_documented
from tests.cast import School

ENDPOINTS = {
    ("get", "/users/{user_id}/user_generated_tokens"),
    ("delete", "/users/{user_id}/user_generated_tokens"),
    ("post", "/users/{user_id}/tokens"),
    ("get", "/users/{user_id}/tokens/{token_id}"),
    ("put", "/users/{user_id}/tokens/{token_id}"),
    ("delete", "/users/{user_id}/tokens/{token_id}"),
    ("post", "/users/self/tokens/{token_id}/activate"),
    ("post", "/users/{user_id}/tokens/{token_id}/suspend"),
    ("post", "/users/{user_id}/tokens/{token_id}/resume"),
    ("post", "/users/self/tokens/{token_id}/rotate"),
    ("delete", "/users/self/tokens/{token_id}/overlap"),
    ("post", "/tokens/self/rotate"),
    ("post", "/tokens/lookup"),
    ("post", "/token_imports"),
    ("get", "/accounts/{account_id}/audit_events"),
    ("get", "/tokens/self"),
    ("delete", "/tokens/self"),
    ("get", "/users/{user_id}"),
    ("get", "/users/{user_id}/profile"),
    ("get", "/users/{user_id}/standing"),
    ("get", "/notices"),
    ("post", "/notices/retry"),
    ("get", "/users/self/mail_preferences"),
    ("put", "/users/self/mail_preferences"),
    ("get", "/users/self/token_requests"),
    ("post", "/users/self/token_requests"),
    ("delete", "/users/self/token_requests/{request_id}"),
    ("get", "/accounts/{account_id}/token_requests"),
    ("post", "/token_requests/{request_id}/approve"),
    ("post", "/token_requests/{request_id}/refuse"),
    ("get", "/accounts/{account_id}/pauses"),
    ("post", "/accounts/{account_id}/pauses"),
    ("get", "/accounts/{account_id}/pauses/{pause_id}"),
    ("get", "/accounts/{account_id}/pauses/{pause_id}/tokens"),
    ("post", "/accounts/{account_id}/pauses/{pause_id}/lift"),
    ("post", "/accounts/{account_id}/pauses/{pause_id}/revoke"),
    ("get", "/accounts/{account_id}/tokens"),
    ("get", "/accounts/{account_id}/flags"),
    ("get", "/accounts/{account_id}/flag_rules"),
    ("put", "/accounts/{account_id}/flag_rules"),
    ("put", "/flags/{flag_id}"),
    ("put", "/users/self/flags/{flag_id}"),
    ("get", "/accounts/{account_id}/reviews"),
    ("post", "/accounts/{account_id}/reviews"),
    ("get", "/accounts/{account_id}/webhooks"),
    ("post", "/accounts/{account_id}/webhooks"),
    ("get", "/accounts/{account_id}/webhooks/{webhook_id}"),
    ("put", "/accounts/{account_id}/webhooks/{webhook_id}"),
    ("delete", "/accounts/{account_id}/webhooks/{webhook_id}"),
    ("post", "/accounts/{account_id}/webhooks/{webhook_id}/test"),
    ("get", "/accounts/{account_id}/webhooks/{webhook_id}/messages"),
    ("post", "/accounts/{account_id}/webhooks/{webhook_id}/replay"),
    ("post", "/accounts/{account_id}/webhooks/{webhook_id}/messages/{message_id}/replay"),
    ("get", "/reviews/{review_id}"),
    ("put", "/reviews/{review_id}"),
    ("get", "/reviews/{review_id}/items"),
    ("get", "/users/self/review_items"),
    ("put", "/users/self/review_items/{item_id}"),
    ("get", "/courses/{course_id}/class_issues"),
    ("post", "/courses/{course_id}/class_issues"),
    ("get", "/class_issues/{issue_id}"),
    ("put", "/class_issues/{issue_id}"),
    ("delete", "/class_issues/{issue_id}"),
    ("get", "/class_issues/{issue_id}/items"),
    ("get", "/accounts"),
    ("get", "/accounts/{account_id}"),
    ("get", "/accounts/{account_id}/sub_accounts"),
    ("get", "/accounts/{account_id}/users"),
    ("get", "/accounts/{account_id}/token_policy"),
    ("put", "/accounts/{account_id}/token_policy"),
    ("post", "/accounts/{account_id}/token_policy/preview"),
    ("delete", "/accounts/{account_id}/token_policy/change"),
}


def test_the_document_is_valid_and_nothing_in_it_had_to_be_guessed() -> None:
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    assert yaml.safe_load(out.getvalue())["openapi"].startswith("3.")


def test_every_endpoint_is_in_it() -> None:
    described = {(method, path) for path, methods in document()["paths"].items() for method in methods}
    assert {(method, path) for method, path in described if path.startswith("/api/v1/")} == {
        (method, f"/api/v1{path}") for method, path in ENDPOINTS
    }


def test_every_endpoint_says_what_it_does_and_when_it_refuses() -> None:
    for method, path in ENDPOINTS:
        operation = find_operation(method, f"/api/v1{path}")
        assert operation is not None
        assert operation["description"]
        assert {"200", "400", "401", "429", "500", "503"} <= set(operation["responses"])


def test_every_code_is_in_it() -> None:
    codes = document()["components"]["schemas"]["Error"]["properties"]["code"]["enum"]
    named = {"not_found", "forbidden", "token_in_url", "invalid_request", "insufficient_scope", "rate_limited"}
    assert {code.value for code in Code} | named <= set(codes)


def test_the_judge_condemns_an_answer_that_is_not_in_the_document(school: School) -> None:
    caller = bearer_of(school.student)
    response = caller.client.get("/api/v1/users/self", headers=caller.headers)
    require_documented("GET", "/api/v1/users/self", response)
    with pytest.raises(ValidationError):
        require_documented("GET", "/api/v1/users/self/profile", response)
    response.status_code = 418
    with pytest.raises(AssertionError, match="418"):
        require_documented("GET", "/api/v1/users/self", response)


@pytest.mark.parametrize("path", ["/api/schema/", "/api/schema", "/api/docs/", "/api/docs"])
def test_it_is_served_to_everybody(db: None, path: str) -> None:
    assert Client().get(path).status_code == 200


@pytest.mark.parametrize("media_type", ["application/json", "application/vnd.oai.openapi+json"])
def test_it_is_json_for_whoever_asks_for_that(db: None, media_type: str) -> None:
    response = Client().get("/api/schema/", headers={"Accept": media_type})
    assert response["Content-Type"] == f"{media_type}; charset=utf-8"
    assert json.loads(response.content)["paths"] == document()["paths"]


def test_it_is_yaml_for_everybody_else(db: None) -> None:
    response = Client().get("/api/schema/")
    assert response["Content-Type"] == "application/vnd.oai.openapi; charset=utf-8"
    assert yaml.safe_load(response.content)["paths"] == document()["paths"]


def test_it_is_written_once(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Client().get("/api/schema/").content
    monkeypatch.delattr(SchemaGenerator, "get_schema")
    assert Client().get("/api/schema/").content == first


def test_the_page_runs_under_the_policy(db: None) -> None:
    response = Client().get("/api/docs/")
    assert "img-src 'self' data:" in response["Content-Security-Policy"]
    assert b"<style" not in response.content
    assert response.content.count(b"<script src=") == response.content.count(b"<script") == 3
    assert "data:" not in Client().get("/api/schema/")["Content-Security-Policy"]
