"""A batch gathers all that is wrong before anything is done."""

import pytest

from core.errors import ApplicationError, ConflictError, ItemsRefusedError
from core.records.batch import Batch


def refusal_of(batch: Batch[str]) -> ItemsRefusedError:
    with pytest.raises(ItemsRefusedError) as refusal:
        batch.raise_refused()
    return refusal.value


def test_batch_without_faults_goes_on() -> None:
    batch = Batch(["a", "b"])

    batch.raise_refused()

    assert batch.items == {0: "a", 1: "b"}


def test_faults_are_told_in_the_order_of_the_items() -> None:
    batch = Batch(["a", "b", "c"])
    last, first = ApplicationError("No.", field="name"), ConflictError("Never.")
    batch.refuse(2, last)
    batch.refuse(0, first)

    refusal = refusal_of(batch)

    assert list(refusal.faults.items()) == [(0, [first]), (2, [last])]
    assert refusal.message == "2 items are refused, so nothing was done."


def test_item_may_have_several_faults() -> None:
    batch = Batch(["a"], name="ids")
    faults = [ApplicationError("No.", field="name"), ApplicationError("No.", field="price")]
    for fault in faults:
        batch.refuse(0, fault)

    refusal = refusal_of(batch)

    assert (refusal.name, refusal.faults) == ("ids", {0: faults})


def test_items_that_repeat_one_before_them_are_refused() -> None:
    batch = Batch(["a", "b", "A", "c", "a"])

    batch.refuse_repeated(str.lower, lambda item, before: ApplicationError(f"{item} is {before}."))

    faults = refusal_of(batch).faults
    messages = {index: [fault.message for fault in of_item] for index, of_item in faults.items()}
    assert messages == {2: ["A is 0."], 4: ["a is 0."]}
