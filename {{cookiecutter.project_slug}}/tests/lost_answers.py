"""A way to the database on which an answer is lost: what was asked for is done, and nobody hears of it."""

import re
import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from django.db import connection

# % if cookiecutter.database == "postgresql"
PORT = 5432
PLAIN = {"sslmode": "disable"}


# % else
PORT = 3306
PLAIN = {"ssl_mode": "DISABLED"}


# % endif
class Proxy:
    """Stands between this process and the database, and passes on what both say, unencrypted."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._doomed: re.Pattern[bytes] | None = None
        self.lost: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def lose_answer(self, statement: str) -> None:
        """End the connection over which the next ``statement`` comes, once the database has done it."""
        # Not where a session is told of AUTOCOMMIT or READ COMMITTED, nor at SELECT ... FOR UPDATE.
        pattern = rf"(?<!AUTO)(?<!FOR ){statement}\b"
        self._doomed = re.compile(pattern.encode(), re.IGNORECASE)

    def stop(self) -> None:
        """End: whoever has come must have left."""
        with suppress(OSError):  # It wakes who accepts, where closing alone does not.
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._threads.append(threading.Thread(target=self._serve, args=(client,)))
                self._threads[-1].start()

    def _serve(self, client: socket.socket) -> None:
        server = socket.create_connection(self._server)
        ready = selectors.DefaultSelector()
        with suppress(OSError), closing(client), closing(server), closing(ready):
            other = {client: server, server: client}
            for side in other:
                ready.register(side, selectors.EVENT_READ)
            doomed: re.Match[bytes] | None = None
            while True:
                for key, _ in ready.select():
                    side = key.fileobj
                    assert isinstance(side, socket.socket)
                    said = side.recv(65536)
                    if not said:
                        return
                    if side is server and doomed:
                        self.lost.append(doomed[0].decode().upper())
                        return
                    if side is client and self._doomed and (doomed := self._doomed.search(said)):
                        self._doomed = None
                    other[side].sendall(said)


@contextmanager
def lost_answers() -> Iterator[Proxy]:
    """Let this process reach the database over what is returned; what was lost is checked at the end."""
    settings = connection.settings_dict
    own = {name: settings[name] for name in ("HOST", "PORT", "OPTIONS")}
    proxy = Proxy(own["HOST"] or "127.0.0.1", int(own["PORT"] or PORT))
    _close()
    settings.update(HOST="127.0.0.1", PORT=proxy.port, OPTIONS={**own["OPTIONS"], **PLAIN})
    try:
        yield proxy
    finally:
        _close()
        settings.update(own)
        proxy.stop()


def _close() -> None:
    connection.close()
    # % if cookiecutter.database == "postgresql"
    connection.close_pool()
    # % endif
