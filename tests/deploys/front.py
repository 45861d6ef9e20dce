"""The real nginx with the files of deploy/nginx; nothing but addresses, places and time-outs in them is changed."""

import os
import re
import shutil
import signal
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.portal import free_port
from tests.recipes.proxies import START_SECONDS, Nginx, _wait
from tokenportal.embedded import REPOSITORY

SHIPPED = REPOSITORY / "deploy" / "nginx"
HOST = "portal.example.edu"
SENT = 2.0  # seconds until what was sent to a server is taken by it
UPSTREAMS = ("web1", "web2", "verifier1", "verifier2")


@dataclass(frozen=True)
class Front:
    """Where nginx listens, and whom to trust."""

    http: int
    https: int
    certificate: Path
    place: Path  # of its files
    process: subprocess.Popen[bytes]

    @contextmanager
    def put_aside(self, name: str) -> Iterator[None]:
        """Let nginx send nothing to a server, as docs/upgrade.md says, until the end of the block."""
        mark = self.place / f"aside-{name}"
        mark.touch()
        time.sleep(SENT)
        yield
        mark.unlink()

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate))


def write_certificate(place: Path) -> None:
    """Write a certificate of a name and 127.0.0.1, and its key, as an authority would give them out."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    today = datetime.now(tz=UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(HOST), x509.IPAddress(ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(today - timedelta(days=1)).not_valid_after(today + timedelta(days=1))
    signed = made.add_extension(names, critical=False).sign(key, hashes.SHA256())
    (place / "fullchain.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (place / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def write_configuration(
    place: Path, *, http: int, https: int, upstreams: dict[str, int], is_deaf: bool = False
) -> Path:
    """Copy the shipped files into `place`, with these addresses; a deaf one asks no second server."""
    for path in SHIPPED.glob("*.conf"):
        shutil.copy(path, place)
    shutil.copy("/etc/nginx/mime.types", place)
    write_certificate(place)
    main = place / "nginx.conf"
    text = main.read_text().replace("/tmp/", f"{place}/").replace("/etc/nginx/tls/", f"{place}/")  # noqa: S108
    text = text.replace("listen 8080", f"listen 127.0.0.1:{http}").replace("listen 8443", f"listen 127.0.0.1:{https}")
    for name, port in upstreams.items():
        text, count = re.subn(rf"\b{name}:8000\b", f"127.0.0.1:{port}", text)
        assert count, name
    main.write_text(text)
    for path in (main, place / "portal.conf"):  # a full machine is no fault of a server
        longer = re.sub(r"(proxy_\w+_timeout) (\d+)s;", r"\1 \g<2>0s;", path.read_text())
        path.write_text(longer.replace("/tmp/aside-", f"{place}/aside-"))  # noqa: S108
    if is_deaf:
        locations = place / "portal.conf"
        text, count = re.subn("proxy_next_upstream [^;]+;", "proxy_next_upstream off;", locations.read_text())
        assert count == 2
        locations.write_text(text)
    return main


def command(main: Path) -> list[str]:
    """How the shipped nginx is run, here below a directory of its own."""
    user = ["-g", "daemon off; user root;" if os.geteuid() == 0 else "daemon off;"]
    return [Nginx.program(), "-e", "stderr", "-p", str(main.parent), "-c", str(main), *user]


@contextmanager
def fronting(place: Path, webs: dict[str, int], *, is_deaf: bool = False) -> Iterator[Front]:
    """Run nginx in front of these servers until the end of the block."""
    http, https = free_port(), free_port()
    main = write_configuration(place, http=http, https=https, upstreams=webs, is_deaf=is_deaf)
    log = place / "nginx.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command(main), stdout=out, stderr=out)
    try:
        _wait(process, https, log)
        yield Front(http, https, place / "fullchain.pem", place, process)
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(START_SECONDS)
