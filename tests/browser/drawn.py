"""Pictures for the scene: landscapes of a few shapes, a number in, the bytes of a PNG out."""

import io

from PIL import Image, ImageDraw

SIZE = (640, 480)


def landscape(number: int) -> bytes:
    """Return a picture that differs from those of other numbers."""
    width, height = SIZE
    picture = Image.new("RGB", SIZE)
    pen = ImageDraw.Draw(picture)
    shift = number * 53 % 160
    for y in range(height):
        pen.line((0, y, width, y), fill=(90 + shift // 2, 130 + y // 6, 235 - y // 5 - shift // 4))
    pen.ellipse((60 + number * 60 % 420, 50, 140 + number * 60 % 420, 130), fill=(255, 226, 150))
    for hill in range(4):
        left = hill * 190 - 120 + number * 37 % 90
        colour = (50 + hill * 18, 105 + shift // 3 + hill * 9, 78 + hill * 14)
        pen.ellipse((left, 250 + hill % 2 * 45, left + 420, 720), fill=colour)
    house = 120 + number * 97 % 360
    pen.rectangle((house, 300, house + 110, 390), fill=(232, 214 - shift // 3, 190))
    pen.polygon(((house - 14, 302), (house + 55, 240), (house + 124, 302)), fill=(150 - shift // 3, 70, 60))
    pen.rectangle((house + 42, 340, house + 68, 390), fill=(96, 72, 58))
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
