"""What a page says, read from its HTML."""

import re
from html.parser import HTMLParser
from typing import Any

BLOCKS = {"td", "th", "tr", "li", "dt", "dd", "p", "div", "h1", "h2", "h3", "small", "span"}
VOID = {"meta", "link", "input", "br", "hr", "img"}


class Page(HTMLParser):
    """The elements, words, links and headings of one page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._words: list[str] = []
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self._words.append(" ")
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self._open):
            self._words.append(data)

    @property
    def words(self) -> str:
        return re.sub(r"\s+", " ", "".join(self._words)).strip()

    @property
    def links(self) -> list[str]:
        return [a["href"] or "" for tag, a in self.elements if tag == "a" and "href" in a]

    @property
    def figures(self) -> list[str]:
        return [
            a["href"] or ""
            for tag, a in self.elements
            if tag == "a" and "fig" in (a.get("class") or "").split()
        ]

    def section(self, start: str, end: str) -> str:
        """The words of the part of the page between two pieces of its HTML."""
        return Page(self.html.split(start, 1)[1].split(end, 1)[0]).words


def read(client: Any, address: str, status: int = 200, **headers: str) -> Page:
    """Return a page. Fail unless it answers with the status."""
    response = client.get(address, headers=headers)
    assert response.status_code == status, (address, response.status_code)
    return Page(response.content.decode())
