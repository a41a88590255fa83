"""The server listens where it is told, and says plainly when it cannot."""

from dataclasses import replace

import aiohttp
import pytest

from smsgw.commands.stage import free_port
from smsgw.web.facade import Facade
from smsgw.web.server import CannotListen, serve


async def test_it_serves_until_the_context_ends(facade: Facade) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/healthz"
    async with aiohttp.ClientSession() as http:
        async with serve(replace(facade, address=("127.0.0.1", port))), http.get(url) as response:
            assert await response.json() == {"alive": True}
        with pytest.raises(aiohttp.ClientConnectorError):
            await http.get(url)


async def test_a_taken_address_is_named(facade: Facade) -> None:
    own = replace(facade, address=("127.0.0.1", free_port()))
    async with serve(own):
        with pytest.raises(CannotListen, match=rf"http\.listen 127\.0\.0\.1:{own.address[1]}: "):
            async with serve(own):
                pass
