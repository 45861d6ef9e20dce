"""Whether a page fits: into a window of any width, and with text twice as large."""

from playwright.sync_api import Page

USUAL = 16  # pixels
# Text that is cut off by its own box. What only screen readers are told is clipped to nothing on purpose.
CUT_OFF = """() => [...document.querySelectorAll("body *")].filter((box) => {
  const style = getComputedStyle(box);
  const cuts = [style.overflowX, style.overflowY].some((way) => ["hidden", "clip"].includes(way));
  const more = box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
  return cuts && more && style.clipPath === "none" && box.innerText && box.checkVisibility();
}).map((box) => box.outerHTML.slice(0, 200))"""
TOO_WIDE = """() => [document.documentElement, ...document.querySelectorAll("dialog[open], main")].filter(
  (box) => box.scrollWidth > box.clientWidth).map((box) => `${box.tagName} is ${box.scrollWidth} px wide`)"""


def too_wide(page: Page, width: int, *, height: int = 900) -> list[str]:
    """What would have to be scrolled sideways in a window of this width."""
    page.set_viewport_size({"width": width, "height": height})
    found: list[str] = page.evaluate(TOO_WIDE)
    return found


def cut_off(page: Page) -> list[str]:
    """The boxes whose text does not fit into them."""
    found: list[str] = page.evaluate(CUT_OFF)
    return found


def set_text_size(page: Page, pixels: int = USUAL) -> None:
    """Set how large text is where a page says nothing else, as people can in their browser."""
    session = page.context.new_cdp_session(page)
    session.send("Page.setFontSizes", {"fontSizes": {"standard": pixels, "fixed": pixels}})
    session.detach()
