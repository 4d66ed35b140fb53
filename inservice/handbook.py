"""下載專區: the handbook of docs/handbook, by topic with the letter's numbering, shown inside the application and printable."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

FOLDER = Path(settings.BASE_DIR) / "docs" / "handbook"
SHOTS = FOLDER / "shots"


@dataclass(frozen=True)
class Topic:
    slug: str
    title: str
    audience: str
    text: str


@lru_cache
def topics() -> dict[str, Topic]:
    """The pages in the order of their file names; the first line is the title, the second who it is for."""
    found = {}
    for path in sorted(FOLDER.glob("*.md")):
        lines = path.read_text(encoding="utf-8").splitlines()
        slug = path.stem.split("-", 1)[1]
        found[slug] = Topic(slug, lines[0].lstrip("# "), lines[2].strip("> "), "\n".join(lines[1:]))
    return found


def rendered(topic: Topic) -> SafeString:
    """Markdown without raw HTML; a picture that is not there is left out."""
    text = "\n".join(line for line in topic.text.splitlines() if not _missing_picture(line))
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    return SafeString(html.replace('src="shots/', 'src="/help/shots/'))


def _missing_picture(line: str) -> bool:
    return "](shots/" in line and not (SHOTS / line.split("](shots/")[1].split(")")[0]).is_file()


@login_not_required
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "handbook/index.html", {"topics": list(topics().values())})


@login_not_required
def page(request: HttpRequest, slug: str) -> HttpResponse:
    topic = topics().get(slug)
    if topic is None:
        raise Http404
    return render(
        request, "handbook/page.html", {"topic": topic, "text": rendered(topic), "topics": topics().values()}
    )


@login_not_required
def shot(request: HttpRequest, name: str) -> FileResponse:
    """A picture of the handbook, by its plain name."""
    path = SHOTS / f"{name}.png"
    if not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/png")
