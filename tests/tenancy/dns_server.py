"""A name server of our own on 127.0.0.1, whose texts a test writes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from django.test import override_settings


@dataclass
class NameServer:
    """Answers TXT questions over UDP, and with SERVFAIL while it is ``broken``."""

    texts: dict[str, list[str]] = field(default_factory=dict)  # by name, without the last dot
    broken: bool = False
    asked: list[str] = field(default_factory=list)

    def answer(self, wire: bytes) -> bytes:
        """Return the answer to one packet."""
        question = dns.message.from_wire(wire)
        made = dns.message.make_response(question)
        made.flags |= dns.flags.RA
        name = question.question[0].name
        self.asked.append(name.to_text(omit_final_dot=True))
        found = self.texts.get(self.asked[-1], [])
        if self.broken:
            made.set_rcode(dns.rcode.SERVFAIL)
        elif not found:
            made.set_rcode(dns.rcode.NXDOMAIN)
        else:
            quoted = [f'"{each}"' for each in found]
            made.answer.append(dns.rrset.from_text(name, 60, "IN", dns.rdatatype.TXT, *quoted))
        return made.to_wire()


@contextmanager
def name_server() -> Iterator[NameServer]:
    """Serve until the block ends; the portal asks this server, and no other."""
    server = NameServer()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(0.1)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    wire, sender = ear.recvfrom(4096)
                except TimeoutError:
                    continue
                ear.sendto(server.answer(wire), sender)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            with override_settings(DNS_SERVERS=[ear.getsockname()]):
                yield server
        finally:
            over.set()
            thread.join()
