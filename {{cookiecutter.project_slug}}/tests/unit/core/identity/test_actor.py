"""Who acts is known within a block, and nowhere else."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from uuid import UUID, uuid4

import pytest

from core.identity.actor import acting_as, current_user_id


def test_nobody_acts_by_default() -> None:
    assert current_user_id() is None


def test_user_acts_within_the_block() -> None:
    user_id = uuid4()

    with acting_as(user_id):
        assert current_user_id() == user_id

    assert current_user_id() is None


def test_inner_block_acts_for_another_and_gives_back() -> None:
    outer, inner = uuid4(), uuid4()

    with acting_as(outer):
        with acting_as(inner):
            assert current_user_id() == inner
        with acting_as(None):
            assert current_user_id() is None
        assert current_user_id() == outer


def test_block_that_fails_gives_back() -> None:
    with pytest.raises(LookupError), acting_as(uuid4()):
        raise LookupError

    assert current_user_id() is None


def test_function_is_asked_each_time() -> None:
    found: list[UUID | None] = [None]

    with acting_as(lambda: found[-1]):
        assert current_user_id() is None
        found.append(uuid4())
        assert current_user_id() == found[-1]


def test_other_threads_act_for_nobody_unless_they_take_the_context_along() -> None:
    user_id = uuid4()
    with acting_as(user_id), ThreadPoolExecutor(1) as executor:
        alone = executor.submit(current_user_id).result()
        along = executor.submit(copy_context().run, current_user_id).result()

    assert alone is None
    assert along == user_id


def test_tasks_of_an_event_loop_do_not_mix() -> None:
    async def act(user_id: UUID) -> UUID | None:
        with acting_as(user_id):
            await asyncio.sleep(0)
            return current_user_id()

    async def act_side_by_side(user_ids: list[UUID]) -> list[UUID | None]:
        return await asyncio.gather(*(act(user_id) for user_id in user_ids))

    user_ids = [uuid4() for _ in range(3)]

    assert asyncio.run(act_side_by_side(user_ids)) == user_ids
