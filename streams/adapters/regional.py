"""One client a region of one of Amazon's services: effects name the region that their sink lies in."""

from typing import Final

from streams.adapters.aws import Service, ServiceName
from streams.adapters.quiet import quiet

quiet()

TIMEOUT: Final = 10.0  # seconds for one request
CONCURRENCY: Final = 32  # requests at a time, of one region


class Regional:
    """The clients of one service, each made with the first call in its region."""

    def __init__(
        self,
        name: ServiceName,
        *,
        region: str,
        endpoint: str | None,
        timeout: float = TIMEOUT,
        concurrency: int = CONCURRENCY,
    ) -> None:
        """Take the region of effects that name none, and the URL of a compatible server in place of Amazon's."""
        self._name = name
        self._region = region
        self._endpoint = endpoint
        self._timeout = timeout
        self._concurrency = concurrency
        self._services: dict[str, Service] = {}

    def place(self, region: str | None) -> str:
        """Return what breaks and mends as one: service and region."""
        return f"{self._name} {self.region(region)}"

    def region(self, region: str | None) -> str:
        """Return the region that an effect goes to, given the one that it names."""
        return region or self._region

    def service(self, region: str | None) -> Service:
        """Return the client of a region."""
        named = self.region(region)
        if named not in self._services:
            self._services[named] = Service(self._name, named, self._endpoint, self._timeout, self._concurrency)
        return self._services[named]

    async def close(self) -> None:
        """Close the connections."""
        for service in self._services.values():
            await service.close()
