# Two stages: the first has what installs packages, the second only what runs them.
FROM python:3.11.14-slim-bookworm AS packages
COPY requirements/base.txt /tmp/base.txt
RUN python -m venv /opt/venv && \
    /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement /tmp/base.txt

FROM python:3.11.14-slim-bookworm
# hadolint ignore=DL3064 # TOKENPORTAL_DATA is a directory
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    STATIC_ROOT=/srv/static \
    TOKENPORTAL_DATA=/var/lib/tokenportal
RUN groupadd --system --gid 10001 tokenportal && \
    useradd --system --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin tokenportal && \
    install --directory --owner tokenportal --group tokenportal /var/lib/tokenportal /var/lib/journal
COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv/tokenportal
COPY manage.py ./
COPY accounts accounts
COPY policies policies
COPY tokens tokens
COPY tokenportal tokenportal
COPY templates templates
# The settings want keys; these live for this one line and protect nothing.
RUN SECRET_KEY=collectstatic TOKEN_KEYS="build:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" python manage.py collectstatic --noinput && \
    python -m compileall -q /srv/tokenportal
USER 10001:10001
EXPOSE 8000
# As many workers as there are cores for them; docs/operations.md says why two threads each.
ENV GRANIAN_WORKERS=2 GRANIAN_BLOCKING_THREADS=2 GRANIAN_RUNTIME_MODE=st
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["python", "-m", "tokenportal.probe"]
CMD ["granian", "--interface=wsgi", "--host=0.0.0.0", "--port=8000", "--no-ws", "--log-level=warning", "tokenportal.wsgi:application"]
