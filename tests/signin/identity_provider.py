"""A SAML identity provider, as far as the portal sees one: its metadata, and responses that it has signed."""

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4
from zlib import decompress

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils

ENTITY_ID, SSO = "https://idp.example/entity", "https://idp.example/sso"
PORTAL = "https://portal.example"
MOMENT = "%Y-%m-%dT%H:%M:%SZ"

METADATA = """<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity}">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
      <ds:X509Certificate>{cert}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{sso}"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>"""

ASSERTION = """<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_{id}" Version="2.0"
 IssueInstant="{now}"><saml:Issuer>{issuer}</saml:Issuer>
<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">{name_id}</saml:NameID>
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData
 InResponseTo="{asked}" NotOnOrAfter="{until}" Recipient="{recipient}"/></saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="{since}" NotOnOrAfter="{until}"><saml:AudienceRestriction>
<saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>
<saml:AuthnStatement AuthnInstant="{now}"><saml:AuthnContext>
<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef>
</saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion>"""

RESPONSE = """<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"
 xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_{id}" Version="2.0" IssueInstant="{now}"
 Destination="{recipient}"{in_response_to}><saml:Issuer>{issuer}</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>{assertion}
</samlp:Response>"""


@dataclass
class Answer:
    """What a response says; each part may be another than it should be."""

    asked: str
    attributes: dict[str, list[str]]
    audience: str = f"{PORTAL}/login/saml/metadata/"
    recipient: str = f"{PORTAL}/login/saml/acs/"
    issuer: str = ENTITY_ID
    lasts: timedelta = timedelta(minutes=5)
    names_request: bool = True


@dataclass
class IdentityProvider:
    """Has a key, of which its metadata tells."""

    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    @cached_property
    def certificate(self) -> x509.Certificate:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example")])
        now = datetime.now(UTC)
        made = x509.CertificateBuilder(name, name, self.key.public_key(), x509.random_serial_number())
        return made.not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(self.key, SHA256())

    @property
    def metadata(self) -> str:
        der = self.certificate.public_bytes(Encoding.DER)
        return METADATA.format(entity=ENTITY_ID, sso=SSO, cert=base64.b64encode(der).decode())

    def respond(self, answer: Answer) -> str:
        """A response with a signed assertion, as XML."""
        now = datetime.now(UTC)
        named = {
            "now": now.strftime(MOMENT),
            "since": (now - timedelta(minutes=10)).strftime(MOMENT),
            "until": (now + answer.lasts).strftime(MOMENT),
            "issuer": answer.issuer,
            "recipient": answer.recipient,
        }
        assertion = ASSERTION.format(
            id=uuid4().hex,
            name_id="opaque-1",
            asked=answer.asked,
            audience=answer.audience,
            attributes="".join(_attribute(name, values) for name, values in answer.attributes.items()),
            **named,
        )
        pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        cert = self.certificate.public_bytes(Encoding.PEM).decode()
        signed: bytes = OneLogin_Saml2_Utils.add_sign(assertion, pem, cert)
        in_response_to = f' InResponseTo="{answer.asked}"' if answer.names_request else ""
        return RESPONSE.format(id=uuid4().hex, assertion=signed.decode(), in_response_to=in_response_to, **named)


def _attribute(name: str, values: list[str]) -> str:
    inner = "".join(f"<saml:AttributeValue>{value}</saml:AttributeValue>" for value in values)
    return f'<saml:Attribute Name="urn:x:{name}" FriendlyName="{name}">{inner}</saml:Attribute>'


def request_in(address: str) -> str:
    """The ID of the request that an address at the provider carries (HTTP-Redirect binding)."""
    packed = parse_qs(urlsplit(address).query)["SAMLRequest"][0]
    return str(etree.fromstring(decompress(base64.b64decode(packed), -15)).get("ID"))


def packed(response: str) -> str:
    """As a form sends it."""
    return base64.b64encode(response.encode()).decode()
