"""What the browser tests do with a page: open it as somebody, keep a picture, and look for what must never be there."""

from __future__ import annotations

import io
from pathlib import Path

import pypdfium2
import zxingcpp
from PIL import Image
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, expect

PICTURES = Path(__file__).parent / "screenshots"


class Walk:
    """One visitor's browser. Every page kept as a picture is also checked: its title, one h1, no sideways scroll."""

    def __init__(self, name: str, context: BrowserContext, page: Page) -> None:
        self.name, self.context, self.page, self.wrong, self._taken = name, context, page, list[str](), 0
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.wrong.append(f"script error: {error}"))
        PICTURES.mkdir(exist_ok=True)

    @classmethod
    async def begin(
        cls, browser: Browser, address: str, name: str, *, width: int = 390, scripts: bool = True, **options: str
    ) -> Walk:
        """Open a browser of its own at this address; ``options`` are Playwright's (``locale="ar"``)."""
        context = await browser.new_context(
            viewport={"width": width, "height": 844 if width < 800 else 900},
            java_script_enabled=scripts,
            reduced_motion="reduce",
            base_url=address,
            **({"locale": "en-US"} | options),
        )
        return cls(name, context, await context.new_page())

    def _console(self, message: ConsoleMessage) -> None:
        expected = "Failed to load resource"  # the browser's own word for a 4xx page, which tests open on purpose
        if message.type in {"error", "warning"} and expected not in message.text:
            self.wrong.append(f"{self.page.url}: {message.text}")

    async def keep(self, what: str) -> None:
        """Keep a picture of the page and check what every page owes its reader."""
        self._taken += 1
        await self.page.screenshot(path=PICTURES / f"{self.name}-{self._taken:02d}-{what}.png", full_page=True)
        assert await self.page.title(), f"{self.page.url} has no title"
        await expect(self.page.locator("h1")).to_have_count(1)
        assert await self.page.locator("html").get_attribute("lang"), f"{self.page.url} does not say its language"
        wide, room = await self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= room, f"{self.page.url} scrolls sideways: {wide} px in {room} px"

    async def go(self, path: str) -> None:
        await self.page.goto(path)

    async def press(self, name: str) -> None:
        """Press the button of this name (or the link that looks like one)."""
        await self.page.get_by_role("button", name=name).first.click()

    async def follow(self, name: str) -> None:
        await self.page.get_by_role("link", name=name).first.click()

    async def enter_as(self, email: str) -> None:
        """Sign in through the demonstration's page."""
        await self.go("/demo")
        await self.page.locator("li", has_text=email).get_by_role("button").click()
        await self.page.wait_for_load_state()

    async def close(self) -> None:
        """End the visit; nothing may have complained in the console."""
        await self.context.close()
        assert not self.wrong, "\n".join(self.wrong)


def paper(text: str) -> bytes:
    """A photo of an invented paper, as a JPEG with a camera's EXIF data."""
    image = Image.new("RGB", (900, 1200), "#fbfaf5")
    exif = Image.Exif()
    exif[0x010F] = "Invented Camera"
    kept = io.BytesIO()
    image.paste((40, 60, 110), (80, 80, 820, 140))
    image.save(kept, "JPEG", exif=exif, comment=text.encode())
    return kept.getvalue()


def codes_in(pdf: bytes, dots_per_inch: int = 200) -> list[str]:
    """Every QR code on the pages of a PDF, as a phone would read it from the printed card."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        found: list[str] = []
        for page in document:
            picture = page.render(scale=dots_per_inch / 72).to_pil()
            found += [code.text for code in zxingcpp.read_barcodes(picture)]
        return found
    finally:
        document.close()
