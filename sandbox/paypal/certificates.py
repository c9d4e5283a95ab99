"""The chain of certificates that webhooks are signed with, made anew for each data directory."""

from __future__ import annotations

import base64
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

HOST: Final = "messageverificationcerts.sandbox.paypal.com"
PATH: Final = "/v1/notifications/certs/CERT-360caa42-fca2a594-sandbox"
_DAYS: Final = 3650


class Signer:
    """The key that signs, and its certificate with the one that issued it."""

    def __init__(self, key: rsa.RSAPrivateKey, chain: bytes) -> None:
        self.key = key
        self.chain = chain

    def sign(self, transmission: str, time: str, webhook_id: str, body: bytes) -> str:
        """Return the signature of one transmission, in base 64 (SHA256withRSA)."""
        said = message(transmission, time, webhook_id, body)
        return base64.b64encode(self.key.sign(said, padding.PKCS1v15(), hashes.SHA256())).decode()

    def is_ours(self, signature: str, said: bytes) -> bool:
        """Say whether this signer signed ``said``."""
        try:
            self.key.public_key().verify(
                base64.b64decode(signature), said, padding.PKCS1v15(), hashes.SHA256()
            )
        except Exception:  # noqa: BLE001 - whatever is wrong with it, it is not ours
            return False
        return True


def message(transmission: str, time: str, webhook_id: str, body: bytes) -> bytes:
    """Return what is signed: id|time|webhook|crc32. Source: PayPal, "Webhooks"."""
    return f"{transmission}|{time}|{webhook_id}|{zlib.crc32(body)}".encode()


def new_signer(*, host: str = HOST) -> Signer:
    """Return a signer with keys of its own."""
    root_key = ec.generate_private_key(ec.SECP256R1())  # made in no time
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    root_name = _name("PayPal sandbox root")
    root = _certificate(root_name, root_name, root_key, root_key, is_root=True)
    leaf = _certificate(_name(host), root_name, key, root_key, is_root=False)
    pem = [each.public_bytes(serialization.Encoding.PEM) for each in (leaf, root)]
    return Signer(key, b"".join(pem))


def kept_signer(folder: Path) -> Signer:
    """Return the signer of a data directory; a first start makes it."""
    key_file, chain_file = folder / "webhook_key.pem", folder / "webhook_chain.pem"
    if key_file.exists() and chain_file.exists():
        key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
        assert isinstance(key, rsa.RSAPrivateKey)
        return Signer(key, chain_file.read_bytes())
    made = new_signer()
    key_file.write_bytes(
        made.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    key_file.chmod(0o600)
    chain_file.write_bytes(made.chain)
    return made


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    is_root: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )
