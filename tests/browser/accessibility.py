"""What axe finds on a page."""

from axe_playwright_python.sync_playwright import Axe


def violations(page, **options) -> list[str]:
    """Return each violation as its rule and the element; `options` are those of `axe.run`."""
    found = Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    return [f"{rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]]
