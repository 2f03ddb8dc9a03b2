"""What policies say of review: records of `policies` in, the rules of each policy by its id out, a moment later.

Of a policy only the document is read: no engine is built, no list is fetched. Where none is published, the file of the
settings holds, or the shipped default, as for workers.
"""

import logging
from collections.abc import Mapping
from threading import Event
from typing import Final

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition
from pydantic import ValidationError

from streams.adapters.kafka import connection
from streams.adapters.lists import Unreadable
from streams.adapters.log import failure
from streams.adapters.policies import DEFAULT
from streams.adapters.published import Published
from streams.adapters.sources import OnDisk
from streams.adapters.strict_yaml import NotStrict, parsed
from streams.core.policy import Document, PolicyRef
from streams.core.published import PARTITION
from streams.core.review_rules import ReviewRules, by_default
from streams.settings import Settings
from streams.topology import POLICIES, full_name

WAIT: Final = 0.5  # seconds for the next record, then a stop is heard

log = logging.getLogger(__name__)


class Misread(Exception):
    """A document does not hold; one line of ours that names it."""

    exit_code: Final = 78  # EX_CONFIG


class Following:
    """The rules of the policies in force; `of` may be asked by any thread."""

    def __init__(self, settings: Settings) -> None:
        """Read the file that holds where nothing is published; raise Misread."""
        self._settings = settings
        own = OnDisk(settings.policy or DEFAULT)
        try:
            document = document_of(own.text(), own.name)
        except Unreadable as error:
            raise Misread(f"{own.name}: {error}") from None
        self._own = {document.id: document.review.rules()}
        self._published = Published()
        self._read: dict[PolicyRef, ReviewRules] = {}
        self._rules: Mapping[str, ReviewRules] = self._own

    def of(self, policy_id: str) -> ReviewRules:
        """Return what a policy says of review; the default where nobody knows it any more."""
        return self._rules.get(policy_id) or by_default(policy_id)

    def take(self, key: bytes, value: bytes | None) -> None:
        """Take a record of the topic."""
        self._published.take(key, value)
        if not self._published.in_force:
            self._rules = self._own
        elif not key.startswith(b"file/"):
            self._changed()

    def run(self, stop: Event) -> None:
        """Follow the topic until `stop` is set; raise LogError where Kafka refuses."""
        consumer = Consumer(
            connection(self._settings)
            | {
                "group.id": "moderation-review-policies",  # asked for by the library, never joined
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "allow.auto.create.topics": False,
                "auto.offset.reset": "earliest",
                "fetch.wait.max.ms": 500,
            }
        )
        try:
            topic = full_name(self._settings.topic_prefix, POLICIES)
            consumer.assign([TopicPartition(topic, PARTITION, OFFSET_BEGINNING)])
            while not stop.is_set():
                message = consumer.poll(WAIT)
                if message is None:
                    continue
                error = message.error()
                if error is None:
                    self.take(message.key() or b"", message.value())
                elif not error.retriable():
                    raise failure(self._settings, KafkaException(error))
        finally:
            consumer.close()

    def _changed(self) -> None:
        found: dict[str, ReviewRules] = {}
        for ref in self._published.refs:
            version = self._published.versions.get(ref)
            if version is None:
                continue  # its document follows, or was damaged: workers say so
            if ref not in self._read:
                try:
                    self._read[ref] = document_of(version.document, f"{ref.id}@{ref.version}").review.rules()
                except Misread as error:
                    log.warning("the rules of review of this version do not hold, those before do: %s", error)
                    self._read[ref] = self.of(ref.id)
            found[ref.id] = self._read[ref]
        self._rules = found
        for ref in self._read.keys() - set(self._published.refs):
            del self._read[ref]


def document_of(text: str, name: str) -> Document:
    """Return a policy's document; raise Misread."""
    try:
        return Document.model_validate(parsed(text))
    except NotStrict as error:
        raise Misread(f"{name}: {error}") from None
    except ValidationError as error:
        places = sorted({".".join(map(str, one["loc"])) for one in error.errors(include_input=False)})
        raise Misread(f"{name}: {', '.join(places)}: see `moderation policy check`") from None
