"""Every setting: default, type, unit, what it does. From the environment (`MODERATION_*`), read once at the start."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _prefix(value: str) -> str:
    if value and not value.endswith((".", "-")):
        message = "must be empty or end in '.' or '-'"
        raise ValueError(message)
    return value


def _address(value: str) -> str:
    if not value.startswith(("https://", "http://")):
        message = "must be a URL: https://sqs.REGION.amazonaws.com/ACCOUNT/QUEUE"
        raise ValueError(message)
    return value


class Settings(BaseSettings):
    """All settings; frozen. `repr` shows secrets as stars."""

    model_config = SettingsConfigDict(env_prefix="MODERATION_", frozen=True, extra="forbid", env_file=None)

    # Kafka
    bootstrap: str = Field("127.0.0.1:9092", description="Kafka brokers, host:port, separated by commas")
    topic_prefix: Annotated[str, AfterValidator(_prefix)] = Field(
        "moderation.", description="in front of every topic name, group and transactional id"
    )
    partitions: int = Field(4, ge=1, le=4096, description="partitions of every topic; one count for all")
    replication: int = Field(1, ge=1, le=16, description="replicas of every topic that `topics apply` creates")
    session_timeout: float = Field(
        6.0, ge=1, le=300, description="seconds without a heartbeat until the group gives a worker's partitions away"
    )
    transaction_timeout: float = Field(
        10.0, ge=1, le=900, description="seconds after which the broker ends an abandoned transaction"
    )
    static_member: str | None = Field(
        None, max_length=200, description="group.instance.id of this worker slot: no rebalance at a quick restart"
    )
    fetch_records: int = Field(2000, ge=1, le=100_000, description="most records of one batch")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="how to talk to the brokers"
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", description="how to sign in at the brokers"
    )
    sasl_username: str | None = Field(None, description="user name at the brokers")
    sasl_password: SecretStr | None = Field(None, description="password at the brokers")
    ssl_ca_file: Path | None = Field(None, description="certificate authorities of the brokers, PEM")
    allow_plaintext: bool = Field(default=False, description="start although SASL goes without TLS")

    # Records
    wire: Literal["json", "avro", "confluent"] = Field(
        "json", description="how records are written; every form is read"
    )
    registry_url: str | None = Field(None, description="schema registry for Confluent framing")
    record_limit: int = Field(262_144, ge=1024, le=16 << 20, description="largest record that is decoded, bytes")
    dead_letter_share: float = Field(
        0.5, gt=0, le=1, description="share of bad records among the last thousand of a topic at which the worker stops"
    )
    accept_loss: bool = Field(
        default=False,
        description="go on although Kafka dropped records before they were judged (retention shorter than the outage)",
    )

    # Judging
    policy: Path | None = Field(None, description="policy file; the shipped default policy without it")
    window_text: int = Field(
        500, ge=0, le=20_000, description="characters of each text that the conversation window keeps"
    )
    window_idle: float = Field(
        86_400.0, ge=3600, description="seconds without a message after which a conversation window is dropped"
    )
    repeat_ids: int = Field(
        200,
        ge=10,
        le=10_000,
        description="content ids that a conversation remembers, so that a repeat is not judged again",
    )
    repeat_seconds: float = Field(
        3600.0,
        ge=60,
        description="seconds for which an upload or closed case is remembered, so that a repeat is not judged again",
    )

    # Breaker for a runaway rule (core/runaway.py). A share of a few per cent varies by a few per cent of two hundred:
    # ten times its baseline is no chance, and below one in twenty most of the stream goes on whatever the rule does.
    runaway_window: float = Field(
        60.0, ge=1, le=3600, description="seconds over which a rule's share of what is judged is taken"
    )
    runaway_judged: int = Field(
        200, ge=20, description="contents judged before a share counts; the window reaches back as far as it takes"
    )
    runaway_triggered: int = Field(20, ge=1, description="contents that triggered a rule before it falls")
    runaway_factor: float = Field(10.0, gt=1, description="a rule falls at so many times its usual share")
    runaway_floor: float = Field(
        0.05, gt=0, le=1, description="share, 0..1, below which no rule falls; 1 turns the breaker off"
    )
    runaway_new_rule_share: float = Field(
        0.3, gt=0, le=1, description="share, 0..1, at which a rule falls that has no usual share yet; 1 lets it pass"
    )
    runaway_baseline: float = Field(
        3600.0, ge=60, description="seconds after which what was counted for the usual share counts for 1/e"
    )
    runaway_baseline_judged: int = Field(1000, ge=100, description="contents judged before a rule has a usual share")
    runaway_hold: float = Field(
        600.0, ge=1, description="seconds for which a rule that fell does no more than flag; then it is watched anew"
    )

    # Media
    s3_endpoint: str | None = Field(None, description="URL of an S3-compatible server; AWS without it")
    s3_region: str = Field("us-east-1", description="region of the buckets")
    media_hosts: tuple[str, ...] = Field(
        (), description="host names from which https media may be read (JSON list); none by default"
    )
    media_limit: int = Field(20 << 20, ge=1024, description="largest media object that is read, bytes")
    media_pixels: int = Field(40_000_000, ge=1, description="most pixels of a picture that is decoded")
    media_side: int = Field(10_000, ge=1, description="most pixels of one side of a picture that is decoded")
    media_timeout: float = Field(
        20.0, gt=0, description="seconds for reading one media object, and as many for inspecting a picture"
    )
    media_concurrency: int = Field(
        8, ge=1, le=256, description="media objects of a partition that are read side by side"
    )

    # The queue of storage notifications that the role `bridge` relays to s3-events; wait and visibility hold for the
    # queue of the engine `rekognition_video`, too, which the policy names
    sqs_queue: Annotated[str, AfterValidator(_address)] | None = Field(
        None, description="URL of the SQS queue; without it there is no role `bridge`"
    )
    sqs_endpoint: str | None = Field(None, description="URL of an SQS-compatible server; AWS without it")
    sqs_region: str | None = Field(None, description="region of the queue; that of the buckets without it")
    sqs_wait: int = Field(20, ge=0, le=20, description="seconds that one call waits for a message")
    sqs_visibility: int = Field(
        60,
        ge=2,
        le=43_200,
        description="seconds for which a message in hand is kept from others; it is extended while it is relayed, and "
        "comes again after so long when the bridge crashed",
    )
    sqs_batch: int = Field(10, ge=1, le=10, description="most messages of one call")
    sqs_pollers: int = Field(2, ge=1, le=64, description="calls side by side")

    # Effects
    effects_timeout: float = Field(
        10.0, ge=1, le=120, description="seconds for one try of an effect on S3, SNS, DynamoDB or a webhook"
    )
    effects_patience: float = Field(
        259_200.0, ge=0, description="seconds for which an effect that fails is tried again; then its outcome is failed"
    )
    sns_endpoint: str | None = Field(None, description="URL of an SNS-compatible server; AWS without it")
    dynamodb_endpoint: str | None = Field(None, description="URL of a DynamoDB-compatible server; AWS without it")
    webhook_hosts: tuple[str, ...] = Field(
        (),
        description="hosts inside (`backend.internal`, `backend.internal:8080`) to which a policy may post (JSON list)",
    )
    effects_concurrency: int = Field(16, ge=1, le=256, description="effects on one kind of sink at a time")

    # Videos
    video_limit: int = Field(
        128 << 20, ge=1024, description="largest object announced as a video that is read, bytes; one at a time"
    )
    video_longest: float = Field(600.0, gt=0, le=21_600, description="longest video that is looked at, seconds")
    video_frames: int = Field(80, ge=3, le=1000, description="frames of a video that the engines see at most")
    video_side: int = Field(
        640, ge=64, le=4096, description="pixels of the longer side of these frames; larger ones are scaled down"
    )
    video_timeout: float = Field(
        60.0, gt=0, le=3600, description="seconds for decoding one video; the engines have as long again"
    )
    video_cpu: float = Field(30.0, ge=1, le=3600, description="seconds of processor time for decoding one video")
    video_memory: int = Field(
        1 << 30, ge=256 << 20, description="address space of the process that decodes a video, bytes"
    )

    # Review
    review_database: SecretStr = Field(
        SecretStr("sqlite:///moderation-review.db"),
        description="where items, rulings and the audit log lie: sqlite:///FILE, or postgresql+psycopg://USER:PASSWORD@HOST/NAME",
    )
    review_host: str = Field("127.0.0.1", description="address of the review pages and of their API")
    review_port: int = Field(
        8088, ge=0, le=65_535, description="port of the review pages; 0 for a free one, which is logged"
    )
    review_origin: str | None = Field(
        None, description="how browsers see the review pages, https://HOST; on this machine alone without it"
    )
    review_media_origin: str | None = Field(
        None,
        description="a second https://HOST that leads to the review service: pictures come from there, without cookies",
    )
    review_media_cache: int = Field(
        256 << 20, ge=1 << 20, description="previews of pictures and videos that are kept in memory, bytes"
    )
    review_secret: SecretStr | None = Field(
        None,
        description="signs cookies; the same for all review services of one database, made at the start without it",
    )
    review_proxies: tuple[str, ...] = Field(
        (), description="addresses of proxies whose word for who asks is taken: X-Forwarded-For and -Proto (JSON list)"
    )
    review_retention_messages: float = Field(
        604_800.0,
        ge=3600,
        description="seconds that texts are kept for context; longer where an open item lies beside them",
    )
    review_retention_items: float = Field(
        7_776_000.0, ge=86_400, description="seconds that closed items are kept; the audit log stays"
    )
    review_lease: float = Field(
        10.0, ge=1, le=300, description="seconds after which another process goes on with the work of one that is gone"
    )
    review_audit_key: Path = Field(
        Path("moderation-audit.key"),
        description="signs checkpoints of the audit log: Ed25519, PEM; made at the first start, with its public half",
    )
    review_checkpoints: str = Field(
        "moderation-audit.jsonl",
        min_length=1,
        description="where checkpoints are kept: a file, or s3://BUCKET/PREFIX of a bucket with Object Lock",
    )
    review_checkpoint_records: int = Field(1000, ge=1, description="records of the audit log after which it is signed")
    review_checkpoint_seconds: float = Field(60.0, ge=1, description="seconds after which what came since is signed")
    review_checkpoint_days: int = Field(
        365, ge=1, le=36_500, description="days for which Object Lock keeps a checkpoint"
    )
    review_oidc_issuer: str | None = Field(None, description="URL of the OIDC issuer that vouches for moderators")
    review_oidc_client_id: str | None = Field(None, description="our name at the OIDC issuer")
    review_oidc_client_secret: SecretStr | None = Field(
        None, description="our password at the OIDC issuer, if we have one"
    )
    review_oidc_audience: str | None = Field(
        None, description="audience of bearer tokens of the issuer; without it none is taken"
    )
    review_oidc_scopes: str = Field("openid profile email", description="scopes that are asked for at the issuer")
    review_oidc_claim: str | None = Field(
        None, description="claim that names the groups of a person; grants are given to accounts by hand without it"
    )
    review_oidc_grants: dict[str, tuple[Any, ...]] = Field(
        {}, description='group -> grants, JSON: {"mods": [{"role": "moderator", "tenants": ["shop"]}]}'
    )
    review_oidc_label: str = Field("single sign-on", description="what the button for it says")
    review_url: str = Field("http://127.0.0.1:8088", description="where `moderation review` finds the review service")
    review_token: SecretStr | None = Field(None, description="API token that `moderation review` shows there")

    # Process
    metrics_host: str = Field("127.0.0.1", description="address of /metrics, /healthz and /readyz")
    metrics_port: int | None = Field(
        0, ge=0, le=65_535, description="port of /metrics, /healthz and /readyz; 0 for a free one, which is logged"
    )
    grace: float = Field(10.0, gt=0, description="seconds that a worker has to stop before it is killed")
    log: Literal["debug", "info", "warning", "error"] = Field("info", description="least level that is logged")
