"""What the trail has of people. Entries stay; what they tell of a person goes."""

from core.audit.models import AuditEntry
from core.personal import describe

# The rest goes last, when all that erasing does has left its entries: see ``trail.forget_actor``. What
# entries tell of a row, whoever erases the row forgets: see ``trail.delete_and_forget``.
describe(
    AuditEntry,
    personal={
        "changes": "values of personal fields are masked",
        "object_repr": "the row's key in its place",
        "remote_addr": "emptied, of what the person did",
    },
    # The service writes neither the last three nor what is not named here.
    other=("object_pk", "cid", "serialized_data", "changes_text", "additional_data", "actor_email"),
)
