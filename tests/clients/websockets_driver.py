"""PyPI websockets has two clients, one of threads and one of asyncio. Here both have the words of the first: that of
asyncio lives in a loop of its own, in a thread of its own."""

import asyncio
import contextlib
import threading

import websockets.asyncio.client
import websockets.sync.client

WITHIN = 60.0
PATIENCE = {"open_timeout": WITHIN, "close_timeout": WITHIN}


class Threaded:
    """A connection of the client that blocks."""

    def __init__(self, connection):
        self.connection = connection

    @classmethod
    @contextlib.contextmanager
    def library(cls):
        yield cls.connect, cls.connections

    @classmethod
    def connect(cls, url, **how):
        return cls(websockets.sync.client.connect(url, legacy=True, **PATIENCE, **how))

    @classmethod
    def connections(cls, url, **how):
        """One after the other, each when the one before has ended."""
        for connection in websockets.sync.client.connect(url, legacy=False, **PATIENCE, **how):
            yield cls(connection)

    def send(self, message):
        self.connection.send(message)

    def recv(self):
        return self.connection.recv(WITHIN)

    def ping(self, data):
        """Waits for the pong."""
        assert self.connection.ping(data).wait(WITHIN), "no pong"

    def close(self, code=1000, reason=""):
        self.connection.close(code, reason)


class Asyncio:
    """A connection of the client that awaits, and the loop that it lives in."""

    def __init__(self, run, connection):
        self._run, self.connection = run, connection

    @classmethod
    @contextlib.contextmanager
    def library(cls):
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()

        def run(coroutine):
            return asyncio.run_coroutine_threadsafe(coroutine, loop).result(2 * WITHIN)

        def opened(url, how):
            return websockets.asyncio.client.connect(url, **PATIENCE, **how)

        async def open_one(url, how):
            return await opened(url, how)

        def connections(url, **how):
            each = opened(url, how).__aiter__()
            try:
                while True:
                    yield cls(run, run(each.__anext__()))
            finally:
                run(each.aclose())

        try:
            yield lambda url, **how: cls(run, run(open_one(url, how))), connections
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    def send(self, message):
        self._run(self.connection.send(message))

    def recv(self):
        return self._run(asyncio.wait_for(self.connection.recv(), WITHIN))

    def ping(self, data):
        """Waits for the pong."""

        async def there_and_back():
            await asyncio.wait_for(await self.connection.ping(data), WITHIN)

        self._run(there_and_back())

    def close(self, code=1000, reason=""):
        self._run(self.connection.close(code, reason))
