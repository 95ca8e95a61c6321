"""What axe finds on a page."""

from axe_playwright_python.sync_playwright import Axe

# The texts alone come back: all that axe tells would take longer on its way than axe takes on a small page.
RUN = """async (options) => {
  const { violations } = await axe.run({ resultTypes: ["violations"], selectors: false, ...options });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}"""


def violations(page, **options) -> list[str]:
    """Return each violation as its rule and the element; `options` are those of `axe.run`."""
    if page.evaluate("!window.axe"):
        page.evaluate(Axe().axe_script)
    return page.evaluate(RUN, options)
