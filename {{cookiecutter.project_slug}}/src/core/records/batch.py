"""The items of a bulk request, on their way from the client to the database."""

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

from core.errors import ApplicationError, ItemsRefusedError

Item = TypeVar("Item")


class Batch(Generic[Item]):
    """Items by their index in the request, and what is wrong with some of them.

    Whoever checks the items refuses those that are not right and goes on, so that a client hears
    of all faults at once. ``raise_refused`` comes before the first write.
    """

    def __init__(self, items: Iterable[Item] = (), *, name: str = "items") -> None:
        """Begin with nothing refused.

        Args:
            items: what is to be done.
            name: the member of the request that holds the items; faults are pointed at below it.
        """
        self.name = name
        self.items = dict(enumerate(items))
        self._faults: dict[int, list[ApplicationError]] = {}

    def refuse(self, index: int, error: ApplicationError) -> None:
        """Note a fault of an item; ``error.field`` is the field within the item."""
        self._faults.setdefault(index, []).append(error)

    def refuse_repeated(
        self,
        key: Callable[[Item], Hashable],
        error: Callable[[Item, int], ApplicationError],
    ) -> None:
        """Refuse each item whose ``key`` an item before it has.

        Args:
            key: what must be different in all items.
            error: makes the fault, given the item and the index of the one before it.
        """
        first: dict[Hashable, int] = {}
        for index, item in self.items.items():
            before = first.setdefault(key(item), index)
            if before != index:
                self.refuse(index, error(item, before))

    def raise_refused(self) -> None:
        """Go on only if nothing was refused.

        Raises:
            ItemsRefusedError: with every fault, in the order of the items.
        """
        if self._faults:
            raise ItemsRefusedError(dict(sorted(self._faults.items())), name=self.name)
