"""The thirty pictures of the sample feed, drawn when they are needed: names in, files out, the same bytes every time.

Codes by zxing-cpp, drawings and pictures of text by Pillow, photographs from the samples that scikit-learn installs.
"""

import importlib.util
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Final, NamedTuple

import zxingcpp
from PIL import Image, ImageDraw, ImageFont, ImageOps

Canvas = tuple[Image.Image, ImageDraw.ImageDraw]

CODES: Final = {
    "qr-menu": "https://trattoria.example/menu",
    "qr-wifi": "WIFI:T:WPA;S:library;P:quiet-please;;",
    "qr-hello": "Hello! This code says nothing bad.",
    "qr-ticket": "TICKET-2041-ROW-7-SEAT-12",
    "qr-shortener": "https://bit.ly/3xAmPle",
    "qr-messenger": "https://t.me/joinchat/AAAAexample",
    "qr-address": "http://192.0.2.17/login/verify",
}
WORDS: Final = {
    "menu": ("Soup of the day  6.50", "Lasagne  11.00", "Tiramisu  5.50"),
    "sale": ("SUMMER SALE", "everything must go", "-50 %"),
    "notice": ("Dear neighbours,", "the lift is out of order", "until Thursday noon."),
    "call-me": ("Buy direct, no fees:", "call 555-014-2277", "cash only"),
    "quote": ("Be kind.", "Everyone you meet", "is fighting a battle."),
}
# name -> (sample photograph, box in shares of its sides, mirrored)
PHOTOS: Final = {
    "photo-china": ("china.jpg", (0.0, 0.0, 1.0, 1.0), False),
    "photo-roof": ("china.jpg", (0.3, 0.0, 0.9, 0.6), False),
    "photo-mirror": ("china.jpg", (0.0, 0.2, 0.7, 1.0), True),
    "photo-flower": ("flower.jpg", (0.0, 0.0, 1.0, 1.0), False),
    "photo-petals": ("flower.jpg", (0.2, 0.1, 0.8, 0.9), True),
    "photo-leaf": ("flower.jpg", (0.0, 0.4, 0.5, 1.0), False),
}
SIZE: Final = (480, 320)  # pixels of a drawing
INK: Final = (34, 40, 49)
PAPER: Final = (250, 248, 240)
FORMATS: Final = {"PNG": ("png", "image/png"), "JPEG": ("jpg", "image/jpeg"), "GIF": ("gif", "image/gif"),
                  "WEBP": ("webp", "image/webp")}  # fmt: skip


class Picture(NamedTuple):
    """One object of the sample feed."""

    name: str
    key: str  # in the bucket
    content_type: str
    data: bytes | None  # None: announced, but never stored


def pictures() -> tuple[Picture, ...]:
    """Return all thirty, in the order in which they are announced."""
    found = [_file(name, _code(text), "PNG") for name, text in CODES.items()]
    found += [_file(name, _words(lines), "JPEG") for name, lines in WORDS.items()]
    found += [_file(name, draw(), "PNG") for name, draw in DRAWINGS.items()]
    found += [_file(name, _photo(*what), "JPEG") for name, what in PHOTOS.items()]
    found.append(_file("webp-sunset", _sunset(0.6), "WEBP"))
    found.append(_file("gif-sunset", _sunset(0.0), "GIF", [_sunset(step / 6) for step in range(1, 6)]))
    whole = _file("cut-short", _bike(), "PNG")
    broken = whole._replace(data=(whole.data or b"")[: len(whole.data or b"") // 3])
    missing = Picture("never-stored", "sample/never-stored.png", "image/png", None)
    return (*found, broken, missing)


def _file(name: str, image: Image.Image, form: str, more: list[Image.Image] | None = None) -> Picture:
    out = BytesIO()
    extra = {"save_all": True, "append_images": more, "duration": 120, "loop": 0} if more else {}
    image.save(out, form, **extra)
    ending, content_type = FORMATS[form]
    return Picture(name, f"sample/{name}.{ending}", content_type, out.getvalue())


def _code(text: str) -> Image.Image:
    """Return a QR code on white."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return ImageOps.expand(Image.fromarray(code.to_image(scale=6)), 24, 255)


def _canvas(paper: tuple[int, int, int] = PAPER) -> Canvas:
    image = Image.new("RGB", SIZE, paper)
    return image, ImageDraw.Draw(image)


def _words(lines: tuple[str, ...]) -> Image.Image:
    """Return lines of writing on paper."""
    image, draw = _canvas()
    for row, text in enumerate(lines):
        draw.text((36, 60 + 70 * row), text, INK, ImageFont.load_default(36))
    return image


def _photo(file: str, box: tuple[float, float, float, float], mirrored: bool) -> Image.Image:  # noqa: FBT001 - a row
    """Return a part of one of scikit-learn's photographs; raise ModuleNotFoundError when it is not installed."""
    spec = importlib.util.find_spec("sklearn")  # found, not imported: the import takes seconds
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("scikit-learn is not installed", name="sklearn")
    with Image.open(Path(spec.origin).parent / "datasets" / "images" / file) as photo:
        width, height = photo.size
        part = photo.crop((int(box[0] * width), int(box[1] * height), int(box[2] * width), int(box[3] * height)))
    return ImageOps.mirror(part) if mirrored else part


def _bike() -> Image.Image:
    image, draw = _canvas()
    for x in (130, 350):
        draw.ellipse((x - 70, 150, x + 70, 290), outline=INK, width=6)
    draw.line([(130, 220), (200, 110), (310, 110), (350, 220), (230, 220), (200, 110)], (190, 40, 40), 8)
    draw.line([(230, 220), (310, 110), (320, 80), (350, 80)], (190, 40, 40), 8)
    draw.line([(180, 90), (220, 90)], INK, 10)
    return image


def _wireframe() -> Image.Image:
    image, draw = _canvas()
    draw.rectangle((20, 20, 460, 60), outline=INK, width=3)
    for column in range(3):
        left = 20 + 150 * column
        draw.rectangle((left, 80, left + 140, 220), outline=INK, width=2)
        draw.line((left, 80, left + 140, 220), INK, 1)
    draw.rectangle((170, 250, 310, 290), fill=(210, 220, 235), outline=INK, width=2)
    draw.text((205, 258), "Sign up", INK, ImageFont.load_default(20))
    return image


def _chart() -> Image.Image:
    image, draw = _canvas()
    draw.line([(50, 30), (50, 280), (450, 280)], INK, 4)
    for bar, height in enumerate((60, 110, 90, 170, 210)):
        draw.rectangle((75 + 75 * bar, 280 - height, 125 + 75 * bar, 278), fill=(60, 90 + 25 * bar, 160))
    return image


def _smiley() -> Image.Image:
    image, draw = _canvas()
    draw.ellipse((140, 60, 340, 260), fill=(255, 214, 70), outline=INK, width=5)
    for x in (200, 280):
        draw.ellipse((x - 14, 115, x + 14, 150), fill=INK)
    draw.arc((180, 110, 300, 225), 20, 160, INK, 7)
    return image


def _map() -> Image.Image:
    image, draw = _canvas((222, 235, 214))
    draw.line([(0, 240), (160, 200), (300, 230), (480, 180)], (120, 170, 220), 26)
    for x in range(60, 480, 90):
        draw.line([(x, 0), (x - 30, 320)], (255, 255, 255), 9)
    draw.polygon([(240, 60), (226, 100), (254, 100)], (200, 40, 40))
    draw.ellipse((222, 30, 258, 66), fill=(200, 40, 40))
    return image


def _wine() -> Image.Image:
    """Return a bottle and a glass on a table, which `image_model` takes for what they are."""
    image, draw = _canvas((240, 235, 230))
    draw.rectangle((0, 240, 480, 320), fill=(120, 80, 50))
    for box in ((300, 110, 370, 285), (324, 20, 346, 100)):
        draw.rectangle(box, fill=(24, 40, 28))
    draw.pieslice((300, 75, 370, 145), 180, 360, fill=(24, 40, 28))
    draw.rectangle((322, 18, 348, 60), fill=(110, 20, 35))
    draw.rectangle((300, 160, 370, 225), fill=(238, 230, 210))
    draw.rectangle((312, 175, 358, 181), fill=(110, 20, 35))
    draw.rectangle((304, 112, 308, 280), fill=(70, 100, 75))
    draw.ellipse((130, 40, 250, 210), fill=(235, 235, 235))
    draw.pieslice((133, 43, 247, 207), 0, 180, fill=(90, 8, 28))
    draw.ellipse((134, 115, 246, 135), fill=(115, 33, 53))
    draw.rectangle((187, 207, 193, 280), fill=(235, 235, 235))
    draw.ellipse((152, 272, 228, 288), fill=(235, 235, 235))
    draw.arc((140, 60, 240, 200), 120, 200, fill=(255, 255, 255), width=3)
    return image


def _board() -> Image.Image:
    image, draw = _canvas()
    for row in range(8):
        for column in range(8):
            shade = (118, 80, 50) if (row + column) % 2 else (236, 214, 180)
            left, top = 100 + 35 * column, 20 + 35 * row
            draw.rectangle((left, top, left + 34, top + 34), fill=shade)
    return image


def _house() -> Image.Image:
    image, draw = _canvas((205, 228, 246))
    draw.rectangle((0, 250, 480, 320), fill=(120, 170, 90))
    draw.rectangle((150, 140, 330, 270), fill=(230, 200, 160), outline=INK, width=3)
    draw.polygon([(130, 140), (350, 140), (240, 60)], (160, 60, 50))
    draw.rectangle((220, 200, 262, 270), fill=(90, 60, 40))
    return image


def _sunset(share: float) -> Image.Image:
    """Return the sun above the sea, `share` (0..1) of its way down."""
    image, draw = _canvas((250, 190 - int(80 * share), 120))
    middle = 110 + int(120 * share)
    draw.ellipse((180, middle - 60, 300, middle + 60), fill=(255, 230, 120))
    draw.rectangle((0, 220, 480, 320), fill=(40, 70, 120))
    return image


DRAWINGS: Final[dict[str, Callable[[], Image.Image]]] = {
    "bike": _bike,
    "wireframe": _wireframe,
    "chart": _chart,
    "smiley": _smiley,
    "map": _map,
    "wine": _wine,
    "board": _board,
    "house": _house,
}
