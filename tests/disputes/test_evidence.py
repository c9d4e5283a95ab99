"""What people put to a dispute: images are drawn anew, papers stay, the rest is refused."""

from __future__ import annotations

import resource
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from quittance.core.errors import RuleBroken
from quittance.disputes import evidence
from quittance.disputes.evidence import (
    MOST_BYTES,
    DrawnElsewhere,
    Evidence,
    NoImage,
    read_files,
)
from quittance.painting import paint, program
from quittance.painting.paint import JPEG, dots_of
from quittance.ui.sentences import sentence_for
from tests.disputes.quarrels import PDF
from tests.painting.pictures import PHOTO, noise, png


def read(content: bytes, name: str = "slip.jpg") -> Evidence:
    (found,) = read_files([SimpleUploadedFile(name, content)])
    return found


def test_a_photo_keeps_its_picture_upright_and_loses_the_place_and_the_camera() -> None:
    hidden = b"PK\x03\x04<script>alert(1)</script>"
    traces = [b"SpyCam", b"Exif", b"script", b"PK\x03"]

    found = read(PHOTO + hidden)

    assert all(each in PHOTO + hidden for each in traces)
    assert not any(each in found.content for each in traces)
    assert (found.name, found.kind) == ("slip", "png")
    assert (dots_of(PHOTO), dots_of(found.content)) == ((16, 8), (8, 16))


def test_a_large_image_is_made_smaller_and_a_small_one_stays_as_it_is() -> None:
    assert dots_of(read(png(3600, 1200)).content) == (2400, 800)
    assert dots_of(read(png(30, 40)).content) == (30, 40)


def test_what_cannot_be_packed_into_5_mb_is_made_smaller_still() -> None:
    found = read(noise(1300))

    assert dots_of(found.content) == (1100, 1100)
    assert len(found.content) <= MOST_BYTES


def test_a_paper_stays_as_it_was_sent() -> None:
    assert read(PDF, "proof.pdf") == Evidence("proof", "pdf", PDF)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (png(10_000, 10_000, rows=b""), "more than 25 million dots"),
        (JPEG + b"\xc0\0\x11\x08" + b"\x27\x10" * 2 + bytes(99), "more than 25 million dots"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Only PDF, PNG and JPEG"),
        (PDF + bytes(MOST_BYTES), "more than 5 MB"),
    ],
    ids=["png of 100 million", "jpeg of 100 million", "drawing", "large"],
)
def test_what_is_not_taken_is_refused_in_words_before_anything_is_unpacked(
    content: bytes, words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started = tmp_path / "started"
    other = tmp_path / "program.py"
    other.write_text(f"open({str(started)!r}, 'w')")
    monkeypatch.setattr(program, "__file__", str(other))

    with pytest.raises(RuleBroken) as refused:
        read(content)

    assert words in sentence_for(refused.value)
    assert "Nothing was sent" in sentence_for(refused.value)
    assert not started.exists()


def test_an_image_of_25_million_dots_costs_this_process_less_than_100_mb() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    found = read(png(5000, 5000))

    assert dots_of(found.content) == (2400, 2400)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024  # KB


@pytest.mark.parametrize("content", [PHOTO[:300], JPEG + b"\0" * 200, png(240, 60)[:90]])
def test_an_image_that_cannot_be_read_is_refused_and_nothing_of_it_is_kept(content: bytes) -> None:
    with pytest.raises(NoImage):
        read(content)


def test_while_another_image_is_drawn_nobody_waits_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(paint, "_PATIENCE_SECONDS", 0.05)

    with paint._one_at_a_time, pytest.raises(DrawnElsewhere):
        read(png(30, 40))

    assert dots_of(read(png(30, 40)).content) == (30, 40)


def test_all_images_of_a_sending_have_half_a_minute_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent = [SimpleUploadedFile(f"{each}.png", png(30, 40)) for each in range(3)]
    moments = iter([0.0, 29.0, 30.0])
    monkeypatch.setattr(evidence, "time", SimpleNamespace(monotonic=lambda: next(moments)))

    with pytest.raises(NoImage):
        read_files(sent)
