"""The server listens where it is told, and says plainly when it cannot."""

from dataclasses import replace

import aiohttp
import pytest

from smsgw.web.facade import Facade
from smsgw.web.server import CannotListen, application, serve
from tests.integration.web.conftest import Http
from tests.ports import free_port


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


@pytest.mark.proves("F46")
async def test_nobody_but_our_own_people_can_tell_us_anything(facade: Facade, client: Http) -> None:
    """There is no address for a provider's callback: what needs no token only answers questions, and asks nothing."""
    routes = [(route.method, route.resource) for route in application(facade).router.routes() if route.resource]
    open_to_all = {(method, each.canonical) for method, each in routes if not each.canonical.startswith("/api/")}
    assert {method for method, _ in open_to_all} <= {"GET", "HEAD"}
    guarded = [(method, each.canonical) for method, each in routes if each.canonical.startswith("/api/")]
    assert len(guarded) > 10
    for method, path in guarded:
        async with client.request(method, path, headers={"Authorization": "Bearer of-a-provider"}) as response:
            assert response.status == 401, (method, path)
