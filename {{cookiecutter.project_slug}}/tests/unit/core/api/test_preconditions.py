"""Entity tags are compared as RFC 9110, section 8.8.3.2, and lists read as section 13.1 has them."""

import pytest

from core.api.preconditions import is_among


@pytest.mark.parametrize(
    "tags",
    [
        '"3"',
        '"2", "3"',
        '"2","3"',
        ', "2" ,, "3" ,',
        '"2"\t,\t"3"',
        'W/"3", "3"',
        "*",
        ' "3" ',
        '"", "3"',
    ],
)
def test_tag_is_among_those_that_name_it(tags: str) -> None:
    assert is_among('"3"', tags, weakly=False)
    assert is_among('"3"', tags, weakly=True)


@pytest.mark.parametrize(
    "tags",
    [
        "",
        '"4"',
        '"33"',
        '"x3"',
        '"a,3"',
        '" "',
        "3",
        '"3',
        '"2" "3"',
        '"3";',
        'w/"3"',
        "'3'",
        '*, "3"',
    ],
)
def test_tag_is_not_among_others_or_what_is_no_list(tags: str) -> None:
    assert not is_among('"3"', tags, weakly=False)
    assert not is_among('"3"', tags, weakly=True)


@pytest.mark.parametrize("tags", ['W/"3"', '"2", W/"3"'])
def test_weak_tag_counts_only_where_tags_are_compared_weakly(tags: str) -> None:
    assert is_among('"3"', tags, weakly=True)
    assert not is_among('"3"', tags, weakly=False)
