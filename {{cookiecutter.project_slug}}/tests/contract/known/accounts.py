"""Registration, passwords and addresses: the tokens that people get by mail."""

from apps.users.models import User
from apps.users.services.accounts.tokens import Purpose, state_of, token_make
from tests.contract.known import Known
from tests.factories.users import PASSWORD, UserFactory

# Each token is good for once.
COUNT = 20


def known(_user: User) -> Known:
    new = [f"registered-{number}@example.com" for number in range(COUNT)]
    return Known(
        bodies={
            "POST /api/v1/auth/registration/": [{"email": "new@example.com"}],
            "POST /api/v1/auth/registration/confirm/": [
                {"token": token_make(Purpose.REGISTRATION, email=email), "password": PASSWORD}
                for email in new
            ],
            "POST /api/v1/auth/password-reset/": [{"email": "new@example.com"}],
            "POST /api/v1/auth/password-reset/confirm/": [
                {
                    "token": token_make(
                        Purpose.PASSWORD_RESET, user=str(user.pk), state=state_of(user)
                    ),
                    "password": "another-password-that-is-good-enough",
                }
                for user in UserFactory.create_batch(COUNT)
            ],
            "POST /api/v1/auth/email/": [{"email": "new@example.com", "password": PASSWORD}],
            "POST /api/v1/auth/email/confirm/": [
                {
                    "token": token_make(
                        Purpose.EMAIL_CHANGE,
                        user=str(user.pk),
                        state=state_of(user),
                        email=f"changed-{user.pk}@example.com",
                    )
                }
                for user in UserFactory.create_batch(COUNT)
            ],
        },
        # It would end the sign-in of all that follows.
        refusing=["POST /api/v1/auth/password/"],
    )
