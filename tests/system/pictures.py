"""Pictures for the load: drawn here, put into a bucket of their own."""

import io
import uuid
from typing import Any, Final

import boto3
import qrcode
from PIL import Image, ImageDraw

from streams.embedded import aws

SIDE: Final = 96  # pixels


def client(endpoint: str) -> Any:
    """Return an S3 client of the embedded server; any credentials do."""
    given = aws.environment()
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=given["AWS_DEFAULT_REGION"],
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
    )


def drawn(number: int) -> bytes:
    """Return a small PNG; every third one is a QR code."""
    out = io.BytesIO()
    if number % 3 == 0:
        qrcode.make(f"https://example.org/{number}").save(out, "PNG")
        return out.getvalue()
    picture = Image.new("RGB", (SIDE, SIDE), (number * 37 % 256, 90, 160))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((8, 8, 40 + number % 40, 60), fill="white")
    draw.text((10, 70), f"no. {number}", fill="black")
    picture.save(out, "PNG")
    return out.getvalue()


def bucket(endpoint: str, objects: dict[str, bytes]) -> str:
    """Make a bucket with these objects and return its name."""
    s3, name = client(endpoint), f"bucket-{uuid.uuid4().hex[:10]}"
    try:
        s3.create_bucket(Bucket=name)
        for key, body in objects.items():
            s3.put_object(Bucket=name, Key=key, Body=body)
    finally:
        s3.close()
    return name
