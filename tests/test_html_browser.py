"""The HTML page in headless Chromium: filters, both colour schemes, a narrow window, print, no request, no console error.

A browser is found on the path or in READINESS_CHROMIUM. Where there is none, the one test left asserts that everything
the browser tests lean on (hooks of the script, hashes of the policy) is in the page, so that none passes for nothing.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_render_forms import hostile_report

from readiness.render import render
from reports import rich_report

CHROMIUM = os.environ.get("READINESS_CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None
)
needs_browser = pytest.mark.skipif(
    not CHROMIUM, reason="no Chromium here; test_the_page_is_what_its_script_expects still runs"
)


def test_the_page_is_what_its_script_expects() -> None:
    page = render(rich_report(), "html")
    script, style = (re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL) for tag in ("script", "style"))
    assert script
    assert style
    for text, name in ((script[1], "script-src"), (style[1], "style-src")):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name} 'sha256-{digest}'" in page.replace("&#39;", "'").replace("&#43;", "+")
    for name in re.findall(r'getElementById\("(\w+)"\)', script[1]):
        assert f'id="{name}"' in page
    for name in re.findall(r'data\.(?:get|getAll|has)\("(\w+)"\)', script[1]):
        assert f'name="{name}"' in page


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


def opened(browser, folder: Path, report, **settings):  # type: ignore[no-untyped-def]
    """The page on `report`, with a list of everything it did wrong: console messages, errors, requests beside its own."""
    file = folder / "report.html"
    file.write_text(render(report, "html"), encoding="utf-8")
    page = browser.new_page(**settings)
    wrongs: list[str] = []
    page.on("console", lambda message: wrongs.append(message.text))
    page.on("pageerror", lambda error: wrongs.append(str(error)))
    page.on("dialog", lambda dialog: (wrongs.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: wrongs.append(request.url) if request.url != file.as_uri() else None)
    page.goto(file.as_uri())
    return page, wrongs


@needs_browser
def test_filters(browser, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    page, wrongs = opened(browser, tmp_path, rich_report())
    shown = page.locator("details.item:visible")
    assert shown.count() == 8
    page.uncheck("input[value=fail]")
    assert page.locator("#security-secrets").is_hidden()
    assert page.locator("#count").inner_text() == "7 of 8 items shown"
    page.check("input[value=fail]")
    page.select_option("select[name=group]", "testing")
    assert shown.count() == 2
    assert page.locator("#group-security").is_hidden()
    page.select_option("select[name=group]", "")
    page.select_option("select[name=service]", "billing")
    assert shown.count() == 1
    page.select_option("select[name=group]", "data")
    assert page.locator("#none").is_visible()
    assert wrongs == []


@needs_browser
def test_a_link_to_a_filtered_item_shows_it(browser, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    page, wrongs = opened(browser, tmp_path, rich_report())
    page.select_option("select[name=group]", "testing")
    page.click(".ticks a[href='#observability-liveness']")
    assert page.locator("#observability-liveness .message").is_visible()
    assert wrongs == []


@needs_browser
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_sideways_scroll_and_its_own_colours(browser, tmp_path: Path, width: int, scheme: str) -> None:  # type: ignore[no-untyped-def]
    page, wrongs = opened(
        browser, tmp_path, rich_report(), viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    red, *_ = re.findall(r"\d+", page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert (int(red) > 128) == (scheme == "light")
    assert len(page.screenshot(full_page=True)) > 10_000
    assert wrongs == []


@needs_browser
def test_all_is_readable_with_scripts_off_and_in_print(browser, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    page, wrongs = opened(browser, tmp_path, rich_report(), java_script_enabled=False)
    assert page.locator("#filters").is_hidden()
    assert page.locator("details.item .message:visible").count() == 8
    page.emulate_media(media="print")
    assert page.locator("details.item .message:visible").count() == 8
    assert wrongs == []


@needs_browser
def test_a_hostile_target_runs_nothing(browser, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    page, wrongs = opened(browser, tmp_path, hostile_report())
    assert page.locator("script").count() == 1
    assert page.locator("img").count() == 0
    assert wrongs == []


@needs_browser
def test_the_keyboard_reaches_the_results(browser, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    page, wrongs = opened(browser, tmp_path, rich_report())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "results"
    assert wrongs == []
