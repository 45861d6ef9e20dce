"""Tokens for a class in a browser: a teacher makes them, a student picks theirs up, the teacher sees who did."""

from typing import Any

from playwright.sync_api import expect

from tests.browser.acts import call, secret_on
from tests.browser.conftest import Desk


def test_a_teacher_makes_them_a_student_picks_theirs_up_and_the_teacher_sees_it(
    desk: Desk, names: dict[str, Any]
) -> None:
    assert names["carver"]
    teacher, student = desk.open("carver"), desk.open("turner")
    teacher.goto("/classes/")
    teacher.click("a[aria-label='Make tokens for WOOD 1']")
    teacher.fill("[name=purpose]", "Looked up in class")
    with teacher.expect_response("**/classes/new/*/"):
        teacher.locator("label.choice", has_text="7 days").click()
    expect(teacher.locator("#seen")).to_contain_text("1 student gets one")
    teacher.click("button:has-text('Make the tokens')")
    expect(teacher.locator("#class")).to_contain_text("0 of 1 picked up")
    assert secret_on(teacher) == ""

    student.goto("/tokens/")
    student.click("button[aria-label='Pick up Looked up in class'] >> nth=0")
    student.wait_for_selector("#secret")
    secret = secret_on(student)
    assert call(desk.portal, secret).status_code == 200

    teacher.reload()
    expect(teacher.locator("tr", has_text="Tom Turner")).to_contain_text("Picked up")
    assert secret_on(teacher) == ""
    teacher.click("text=Revoke all of them")
    teacher.click("dialog[open] .btn.danger")
    expect(teacher.get_by_role("status").filter(has_text="Revoked")).to_be_visible()
    assert call(desk.portal, secret).status_code == 401
