"""A session has a name that every database takes."""

from uuid import RFC_4122

from core.security.sign_ins.backend import handle_of


def test_name_of_a_session_has_the_form_of_a_random_uuid():
    handles = [handle_of(f"key-{number}") for number in range(100)]

    assert {(handle.version, handle.variant) for handle in handles} == {(4, RFC_4122)}
    assert len(set(handles)) == 100
