"""axe-core, the referee of accessibility: what it finds against WCAG 2.2 A and AA and good practice."""

from pathlib import Path

from playwright.sync_api import Page

# Rules about colours, and nothing else of a page is another in another theme.
COLOURS = ["color-contrast", "link-in-text-block"]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
SOURCE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
# A colour on its way to another is none to judge, nor is what the bar at the top covers half while one scrolls.
# What Swagger UI draws is not ours to mend; the page around it is.
RUN = """async (only) => {
  scrollTo(0, 0);
  for (const each of document.getAnimations()) if (each instanceof CSSTransition) each.finish();
  const options = { runOnly: only, resultTypes: ["violations"], preload: false };
  const found = await axe.run({ exclude: [["#swagger-ui"]] }, options);
  return found.violations.flatMap(({ id, nodes }) => nodes.map((n) => `${id}: ${n.html}\n${n.failureSummary}`));
}"""


def violations(page: Page, *, only: list[str] | None = None) -> list[str]:
    """What is wrong with the page as it is now, by `only` these rules or by all.

    The debugger brings axe in, so the page's policy stays as it is.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(SOURCE)
    found: list[str] = page.evaluate(RUN, {"type": "rule", "values": only} if only else {"type": "tag", "values": TAGS})
    return found
