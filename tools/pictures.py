"""Take the pictures of the documentation from the running demo, in the system's Chromium: python -m tools.pictures."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.async_api import Page, async_playwright

from tools import chromium

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
READY = re.compile(r"http://\S+/sim/")


def main() -> int:
    browser = chromium.find()
    if browser is None:
        print("No Chromium was found (install it, or name it in DIANABOT_CHROMIUM).", file=sys.stderr)
        return 3
    with demo() as address:
        asyncio.run(take(address, browser))
    return 0


@contextmanager
def demo() -> Iterator[str]:
    """A demo of its own in a folder that goes away; its address once it is ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with tempfile.TemporaryDirectory(prefix="dianabot-pictures-") as folder:
        Path(folder).chmod(0o755)  # as root the servers run as another user, who must be able to get in
        settings = {**os.environ, "DIANABOT_PORT": port, "DIANABOT_DATA": f"{folder}/data", "LOG_LEVEL": "error"}
        command: list[str | Path] = [Path(sys.executable).with_name("dianabot"), "demo"]
        with subprocess.Popen(command, env=settings, stderr=subprocess.PIPE, text=True) as running:
            assert running.stderr
            try:
                yield next(found[0] for line in running.stderr if (found := READY.search(line)))
            finally:
                running.send_signal(signal.SIGINT)
                running.wait(60)


async def take(address: str, browser: Path) -> None:
    async with async_playwright() as driver:
        chrome = await driver.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = await chrome.new_page(
            viewport={"width": 1440, "height": 760}, locale="es-ES", color_scheme="light", reduced_motion="reduce"
        )
        await page.goto(address)
        await talk(page)
        await page.screenshot(path=IMAGES / "simulator.jpg", quality=88)
        print(IMAGES / "simulator.jpg")
        await chrome.close()


async def talk(page: Page) -> None:
    """What a newcomer does in her first half minute."""
    await page.get_by_role("button", name="Iniciar").click()
    await page.locator(".bubble").nth(1).wait_for()
    await write(page, "/perfil", bubbles=4)
    await page.get_by_role("button", name="Llamadas del bot").first.click()
    await page.get_by_text("sendMessage").first.wait_for()


async def write(page: Page, text: str, *, bubbles: int) -> None:
    box = page.locator("#composer-field")
    await box.fill(text)
    await box.press("Enter")
    await page.locator(".bubble").nth(bubbles - 1).wait_for()


if __name__ == "__main__":
    sys.exit(main())
