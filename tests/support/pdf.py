"""What is on the pages of a PDF, by poppler."""
import subprocess


def pages(content, folder):
    """The text of each page, laid out as it is."""
    path = folder / "printed.pdf"
    path.write_bytes(content)
    text = subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True).stdout
    return text.split("\f")[:-1]


def greys(content, folder):
    """How often each level of grey, 0 black to 255 white, is on the first page."""
    path = folder / "printed.pdf"
    path.write_bytes(content)
    picture = subprocess.run(["pdftoppm", "-gray", "-r", "50", "-singlefile", path], check=True, capture_output=True).stdout
    _, size, _, points = picture.split(b"\n", 3)
    width, height = map(int, size.split())
    assert len(points) == width * height
    return {level: points.count(level) for level in range(256)}
