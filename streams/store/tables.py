"""Every table of the review store. The only list; migrations (`streams/store/migrations`) make the same of a database.

Times are milliseconds since 1970. Truth values that are indexed are small integers: the same on SQLite and PostgreSQL.
A tenant, and a label that is not there, is the empty string where it is compared: NULL equals nothing.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

ID: Final = 256  # characters: core/content.ID_LIMIT

metadata: Final = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s"}
)
# SQLite counts only a column that is declared INTEGER by itself.
Number: Final = BigInteger().with_variant(Integer, "sqlite")

# As queues are ordered: the worst first, then the oldest.
_WORST: Final = text("harm DESC")

# One content that a person is to look at, or has. For searches its text has an index besides (store/searching).
item: Final = Table(
    "item",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("content_id", String(ID), nullable=False, unique=True),
    Column("tenant", String(ID), nullable=False, default=""),
    Column("kind", String(16), nullable=False),
    Column("user_id", String(ID), nullable=False),
    Column("conversation_id", String(ID), nullable=False, default=""),
    Column("language", String(35), nullable=False, default=""),
    Column("version", Integer, nullable=False, default=1),  # grows with every change that a page shows: the ETag
    Column("open", SmallInteger, nullable=False, default=1),
    Column("action", String(16), nullable=False),  # in force, or as ruled and on its way
    Column("first_action", String(16), nullable=False),  # of revision 0
    Column("severity", SmallInteger, nullable=False, default=0),  # core/harm.rank_of
    Column("confidence", Float),
    Column("found_by", SmallInteger, nullable=False, default=0),  # engines that found something
    Column("escalated", SmallInteger, nullable=False, default=0),
    Column("priority", SmallInteger, nullable=False, default=0),
    Column("harm", Integer, nullable=False),  # core/harm.harm
    Column("revision", BigInteger, nullable=False),  # of the newest decision
    Column("ruling_id", String(ID)),  # the newest ruling; its decision may still be on its way
    Column("decision", Text, nullable=False),  # the newest, as JSON
    Column("policy_id", String(64), nullable=False),
    Column("opened_at", BigInteger, nullable=False),  # when the decision was made that opened it
    Column("received_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("touched_at", BigInteger, nullable=False),  # when its row last changed
    Column("text", Text),  # or caption, until it is erased; None before it was read, and of media without a caption
    Column("text_hash", String(64)),  # of its normal form: equal texts are siblings
    Column("user_role", String(ID)),
    Column("user_created_at", BigInteger),
    Column("user_trusted", Boolean),
    Column("claimed_by", String(ID)),
    Column("claimed_until", BigInteger, nullable=False, default=0),
    Column("assigned_to", String(ID)),
    Column("erased_at", BigInteger),
    Column("pictured", SmallInteger, nullable=False, default=0, server_default="0"),  # 1: it has rows in `media`
    Index("ix_item_queue", "open", _WORST, "opened_at", "id"),
    Index("ix_item_tenant", "tenant", "open", _WORST, "opened_at", "id"),
    Index("ix_item_user", "user_id", "open", "opened_at"),
    Index("ix_item_conversation", "conversation_id", "open"),
    Index("ix_item_action", "action", "open", _WORST, "opened_at", "id"),
    Index("ix_item_kind", "kind", "open", _WORST, "opened_at", "id"),
    Index("ix_item_language", "language", "open", _WORST, "opened_at", "id"),
    Index("ix_item_pictured", "pictured", "open", _WORST, "opened_at", "id"),
    Index("ix_item_text_hash", "text_hash", "open"),
    Index("ix_item_touched", "touched_at"),
    Index("ix_item_assigned", "assigned_to", "open"),
    Index("ix_item_claimed", "claimed_until"),
    Index("ix_item_closed", "open", "closed_at", "id"),
)

# What was found of an item, one row for each enforced rule that triggered; `open` and `harm` are the item's.
found: Final = Table(
    "found",
    metadata,
    Column("item_id", Number, ForeignKey("item.id", ondelete="CASCADE"), primary_key=True),
    Column("engine", String(64), primary_key=True),
    Column("rule", String(ID), primary_key=True),
    Column("label", String(ID), nullable=False),
    Column("open", SmallInteger, nullable=False),
    Column("harm", Integer, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Index("ix_found_label", "label", "open", _WORST, "opened_at", "item_id"),
    Index("ix_found_rule", "rule", "open", _WORST, "opened_at", "item_id"),
    Index("ix_found_engine", "engine", "open", _WORST, "opened_at", "item_id"),
)

# Pictures and videos of an item, in the order of the content.
media: Final = Table(
    "media",
    metadata,
    Column("item_id", Number, ForeignKey("item.id", ondelete="CASCADE"), primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("location", Text, nullable=False),  # core/content.Location as JSON, as judged
    Column("sha256", String(64)),
    Column("pdq", String(64)),  # of the listed picture that it is a copy of: perceptual hash, 64 hexadecimal digits
    Index("ix_media_sha256", "sha256"),
    Index("ix_media_pdq", "pdq"),
)

# Perceptual hashes of `media`, each once for each of its 16 parts: what looks alike has a part in common (store/near).
likeness: Final = Table(
    "likeness",
    metadata,
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("pdq", String(64), primary_key=True),
)

# Every decision on an item, as JSON.
decision: Final = Table(
    "decision",
    metadata,
    Column("content_id", String(ID), primary_key=True),
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("source", String(16), nullable=False),
    Column("action", String(16), nullable=False),
    Column("record", Text, nullable=False),
)

# What became of the effects of decisions, the last word on each. They have a topic of their own and may come before
# their item; those of contents that never become one are kept for a while, too.
outcome: Final = Table(
    "outcome",
    metadata,
    Column("content_id", String(ID), primary_key=True),
    Column("decision_id", String(ID), primary_key=True),
    Column("sink", String(16), primary_key=True),
    Column("name", String(ID), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("status", String(16), nullable=False),
    Column("record", Text, nullable=False),
    Index("ix_outcome_at", "at"),
)

# Texts and captions, for context; kept for a while, and as long as an open item lies in their conversation.
message: Final = Table(
    "message",
    metadata,
    Column("content_id", String(ID), primary_key=True),
    Column("conversation_id", String(ID), nullable=False, default=""),
    Column("tenant", String(ID), nullable=False, default=""),
    Column("kind", String(16), nullable=False),
    Column("user_id", String(ID), nullable=False),
    Column("place", BigInteger, nullable=False),  # offset: orders a conversation, which is one partition
    Column("at", BigInteger, nullable=False),  # time of its record
    Column("text", Text, nullable=False),
    Column("language", String(35), nullable=False, default=""),
    Column("user_role", String(ID)),
    Column("user_created_at", BigInteger),
    Column("user_trusted", Boolean),
    Index("ix_message_conversation", "conversation_id", "place"),
    Index("ix_message_at", "at"),
    Index("ix_message_user", "user_id"),
)

# What lies upon a user, as it was published: core/restriction.Standing as JSON.
standing: Final = Table(
    "standing",
    metadata,
    Column("user_id", String(ID), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("record", Text, nullable=False),
)

note: Final = Table(
    "note",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("item_id", Number, ForeignKey("item.id", ondelete="CASCADE"), nullable=False),
    Column("by", String(ID), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Index("ix_note_item", "item_id", "id"),
)

# Every act of a person on an item that changed its decision.
ruling: Final = Table(
    "ruling",
    metadata,
    Column("id", String(ID), primary_key=True),
    Column("item_id", Number, ForeignKey("item.id", ondelete="CASCADE"), nullable=False),
    Column("act", String(16), nullable=False),
    Column("by", String(ID), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("from_action", String(16), nullable=False),
    Column("to_action", String(16), nullable=False),
    Column("reason", String(ID)),
    Column("confirmed", SmallInteger),  # 1 the rules were right, 0 they were not, None nothing was said of it
    Column("bulk_id", String(ID)),  # of rulings on many items at once
    Index("ix_ruling_item", "item_id", "at"),
    Index("ix_ruling_at", "at"),
)

# What rulings said of each rule that had triggered: one row for each, the last ruling of an item counts.
said: Final = Table(
    "said",
    metadata,
    Column("item_id", Number, ForeignKey("item.id", ondelete="CASCADE"), primary_key=True),
    Column("policy_id", String(64), primary_key=True),
    Column("engine", String(64), primary_key=True),
    Column("rule", String(ID), primary_key=True),
    Column("label", String(ID), nullable=False),
    Column("confidence", Float),
    Column("confirmed", SmallInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_said_rule", "policy_id", "engine", "rule", "confirmed"),
)

saved_queue: Final = Table(
    "saved_queue",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("name", String(64), nullable=False),
    Column("owner", String(ID), nullable=False, default=""),  # empty: everybody's
    Column("query", Text, nullable=False),  # core/queue_filter.Filter as JSON
    UniqueConstraint("owner", "name"),
)

account: Final = Table(
    "account",
    metadata,
    Column("name", String(ID), primary_key=True),
    Column("password", String(256)),  # argon2 hash; None where somebody else vouches
    Column("subject", String(512), unique=True),  # issuer and subject of OIDC
    Column("grants", Text, nullable=False),  # core/rights.Grant, a JSON list
    Column("disabled", Boolean, nullable=False, default=False),
    Column("created_at", BigInteger, nullable=False),
)

session: Final = Table(
    "session",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of what the cookie holds
    Column("account", String(ID), ForeignKey("account.name", ondelete="CASCADE"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index("ix_session_expires_at", "expires_at"),
)

token: Final = Table(
    "token",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("digest", String(64), nullable=False, unique=True),  # SHA-256 of the token
    Column("account", String(ID), ForeignKey("account.name", ondelete="CASCADE"), nullable=False),
    Column("name", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Column("expires_at", BigInteger),
)

# Sign-ins that failed, for the limit on them.
attempt: Final = Table(
    "attempt",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("account", String(ID), nullable=False),
    Column("address", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_attempt_account", "account", "at"),
    Index("ix_attempt_address", "address", "at"),
)

# How far each topic was read: moved in the transaction that holds what was read.
position: Final = Table(
    "position",
    metadata,
    Column("topic", String(249), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next", BigInteger, nullable=False),  # offset
)

# Records on their way to Kafka, written with what they tell of; a row goes when the broker has its record.
outbox: Final = Table(
    "outbox",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("topic", String(249), nullable=False),  # without the prefix
    Column("key", LargeBinary, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("name", String(512), nullable=False),  # CloudEvents id
    Column("subject", String(ID), nullable=False),
    Column("record", String(32), nullable=False),  # schema
    Column("at", BigInteger, nullable=False),
)

# The audit log: append-only, each record with the hash of the one before it (core/audit).
audit: Final = Table(
    "audit",
    metadata,
    Column("chain", String(32), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # from 1, without gaps
    Column("hash", String(64), nullable=False),
    Column("body", Text, nullable=False),  # canonical JSON
    Column("at", BigInteger, nullable=False),
    Column("content_id", String(ID), nullable=False, default=""),
    Index("ix_audit_content", "content_id", "at"),
)

# The end of each chain: who appends locks its row.
audit_head: Final = Table(
    "audit_head",
    metadata,
    Column("chain", String(32), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)

# Texts that people wrote, apart from the chain, which holds their digests: they can be erased.
audit_text: Final = Table(
    "audit_text",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of salt and text
    Column("salt", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("user_id", String(ID), nullable=False, default=""),  # whose content it is about
    Index("ix_audit_text_user", "user_id"),
)

# One holder at a time: who reads Kafka, who sends what is in the outbox, who signs.
lease: Final = Table(
    "lease",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("until", BigInteger, nullable=False),
)
