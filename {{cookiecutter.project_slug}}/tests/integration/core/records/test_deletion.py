"""Deleted records are hidden, leave room for others, and come back."""

from datetime import timedelta

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.identity.actor import acting_as
from tests.factories.users import UserFactory
from tests.integration.core.records.models import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("pages")]


class PageForm(forms.ModelForm):
    class Meta:
        model = Page
        fields = ("slug",)


def deleted_page(slug="home"):
    page = Page.objects.create(slug=slug)
    page.delete()
    return page


def test_deleted_record_is_stamped_with_who_and_when() -> None:
    user, page = UserFactory(), Page.objects.create(slug="home")

    with acting_as(user.pk):
        assert page.delete() == (1, {"records_tests.Page": 1})

    page.refresh_from_db()
    assert page.deleted_by == page.updated_by == user
    assert timezone.now() - page.deleted_at < timedelta(minutes=1)


def test_deleted_record_is_hidden_from_all_but_the_manager_of_all_rows() -> None:
    page, living = deleted_page(), Page.objects.create(slug="about")

    assert list(Page.objects.all()) == [living]
    assert set(Page.all_objects.all()) == {page, living}
    with pytest.raises(Page.DoesNotExist):
        Page.objects.get(pk=page.pk)


def test_related_manager_hides_deleted_records() -> None:
    parent = Page.objects.create(slug="home")
    Page.objects.create(slug="gone", parent=parent).delete()
    child = Page.objects.create(slug="about", parent=parent)

    assert list(parent.children.all()) == [child]


def test_foreign_key_leads_to_a_deleted_record() -> None:
    parent = Page.objects.create(slug="home")
    child = Page.objects.create(slug="about", parent=parent)
    parent.delete()

    child = Page.objects.get(pk=child.pk)

    assert child.parent == parent
    assert child.parent.deleted_at is not None


def test_deleting_again_changes_nothing(django_assert_num_queries) -> None:
    page = deleted_page()
    deleted_at, version = page.deleted_at, page.version

    with django_assert_num_queries(0):
        assert page.delete() == (0, {"records_tests.Page": 0})

    page.refresh_from_db()
    assert (page.deleted_at, page.version) == (deleted_at, version)


def test_restored_record_is_found_again() -> None:
    page = deleted_page()

    Page.all_objects.get(pk=page.pk).restore()

    found = Page.objects.get(pk=page.pk)
    assert (found.deleted_at, found.deleted_by) == (None, None)


def test_what_a_deleted_record_had_is_free() -> None:
    deleted_page(), deleted_page()

    Page.objects.create(slug="home")

    assert Page.all_objects.filter(slug="home").count() == 3


def test_two_living_records_cannot_have_the_same() -> None:
    Page.objects.create(slug="home")

    with pytest.raises(IntegrityError), transaction.atomic():
        Page.objects.create(slug="home")

    assert Page.all_objects.count() == 1


def test_record_is_not_restored_beside_a_living_one_that_has_the_same() -> None:
    page = deleted_page()
    Page.objects.create(slug="home")

    with pytest.raises(IntegrityError), transaction.atomic():
        page.restore()

    page.refresh_from_db()
    assert page.deleted_at is not None


def test_validation_finds_a_living_record_that_has_the_same() -> None:
    Page.objects.create(slug="home")

    with pytest.raises(ValidationError) as refusal:
        Page(slug="home").full_clean()

    assert refusal.value.messages == ["There is a page with this slug already."]


def test_validation_passes_over_deleted_records() -> None:
    deleted = deleted_page()

    Page(slug="home").full_clean()
    Page.objects.create(slug="home")
    deleted.full_clean()


def test_validation_of_a_change_finds_a_living_record_that_has_the_same() -> None:
    Page.objects.create(slug="home")
    page = Page.objects.create(slug="about")
    page.full_clean()
    page.slug = "home"

    with pytest.raises(ValidationError):
        page.full_clean()


def test_form_finds_a_living_record_that_has_the_same() -> None:
    Page.objects.create(slug="home")

    form = PageForm({"slug": "home"})

    assert form.non_field_errors() == ["There is a page with this slug already."]


def test_form_passes_over_deleted_records() -> None:
    deleted_page()

    assert PageForm({"slug": "home"}).is_valid()


def test_queryset_deletes_by_hiding_in_one_query(django_assert_num_queries) -> None:
    user = UserFactory()
    deleted = deleted_page("gone")
    pages = [Page.objects.create(slug=str(number)) for number in range(3)]

    with acting_as(user.pk), django_assert_num_queries(1):
        assert Page.all_objects.all().delete() == (3, {"records_tests.Page": 3})

    hidden = Page.all_objects.exclude(pk=deleted.pk)
    assert set(hidden.values_list("pk", "deleted_by", "updated_by", "version")) == {
        (page.pk, user.pk, user.pk, 2) for page in pages
    }
    deleted.refresh_from_db()
    assert deleted.deleted_by is None


def test_record_is_removed_for_good_when_that_is_said() -> None:
    page, other = Page.objects.create(slug="home"), deleted_page("about")

    page.hard_delete()
    assert list(Page.all_objects.all()) == [other]

    Page.all_objects.all().hard_delete()
    assert not Page.all_objects.exists()
