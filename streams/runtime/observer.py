"""What the runtime tells about itself; the default listens to nothing, so that it can be lifted out of this program."""


class Observer:
    """Called by flows and tables; a subclass turns it into metrics."""

    def committed(self, records: int, seconds: float) -> None:
        """Note a transaction: source records, seconds from begin to commit."""

    def failed(self, *, fenced: bool) -> None:
        """Note a transaction that ended the process."""

    def replayed(self, records: int) -> None:
        """Note source records that came again although they were applied."""

    def rebalanced(self) -> None:
        """Note a rebalance."""

    def restored(self, table: str, keys: int, seconds: float) -> None:
        """Note the end of a restore: keys that this worker holds now, seconds that it took."""

    def expired(self, table: str, keys: int) -> None:
        """Note keys that were removed because they were idle."""

    def lag(self, topic: str, partition: int, records: int, seconds: float) -> None:
        """Note how many records are not applied yet, and how old the newest applied one is."""
