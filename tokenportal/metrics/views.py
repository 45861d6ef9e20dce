"""`/metrics`: for a Prometheus that knows METRICS_TOKEN; where that is not set there is no such page."""

import hmac
import os
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Metric, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from tokenportal.metrics.jobs import Jobs
from tokenportal.metrics.sharing import VARIABLE, is_running
from tokenportal.metrics.stock import Stock


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with the figures of the whole server, whichever of its workers is asked."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if not is_scraper(request.headers.get("Authorization", "")):
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
    registry = CollectorRegistry()
    for collector in (Counts(), Jobs(), Stock()):
        registry.register(collector)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def is_scraper(header: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(header.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())


class Counts(Collector):
    """What `tokens.metering` counted, in all workers; in this process, where there is no web server around it."""

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        place = os.environ.get(VARIABLE)
        if place is None:
            yield from REGISTRY.collect()
            return
        forget_gone_workers(Path(place))
        yield from MultiProcessCollector(None, place).collect()  # type: ignore[no-untyped-call]  # has no types


def forget_gone_workers(place: Path) -> None:
    """Drop what workers that are gone have as their present state; what they counted stays."""
    for path in place.glob("gauge_live*_*.db"):
        pid = int(re.findall(r"\d+", path.stem)[-1])
        if not is_running(pid):
            mark_process_dead(pid, str(place))  # type: ignore[no-untyped-call]  # has no types
