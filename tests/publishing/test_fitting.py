from __future__ import annotations

from typing import Any

import pytest

from publishing.adapter import Limits, Takes
from publishing.fitting import CUT, FIT, problems
from publishing.model import Media, Problem

IMAGE = Takes(types=("image/jpeg",), size_bytes=8_000_000, width=(320, 1440), height=(0, 1800), ratio=(0.8, 1.91))
VIDEO = Takes(types=("video/mp4",), size_bytes=100_000_000, seconds=(3.0, 90.0), codecs=("AVC", "HEVC"))
BOTH = Limits(text_chars=100, media=4, image=IMAGE, video=VIDEO)


def found(limits: Limits = BOTH, **facts: Any) -> list[Problem]:
    return list(problems("content.media[0]", Media(**{"url": "https://example.org/a", **facts}), limits))


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"type": "image/jpeg", "size_bytes": 8_000_000, "width": 1080, "height": 1080},
        {"type": "video/mp4", "size_bytes": 99_000_000, "seconds": 90.04, "codec": "AVC"},
        {"type": "image/jpeg", "width": 1440, "height": 754},
    ],
)
def test_what_fits_or_is_not_known_is_no_problem(facts: dict[str, Any]) -> None:
    assert found(**facts) == []


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"type": "image/webp"}, "It is image/webp; taken here: image/jpeg."),
        ({"type": "image/jpeg", "size_bytes": 9_100_000}, "It has 9.1 MB; the most here is 8.0 MB."),
        ({"type": "image/jpeg", "width": 200, "height": 200}, "It is wide 200 pixels; the least here is 320 pixels."),
        (
            {"type": "image/jpeg", "width": 1000, "height": 1900},
            "It is high 1900 pixels; the most here is 1800 pixels.",
        ),
        (
            {"type": "image/jpeg", "width": 1000, "height": 400},
            "It has a width to height of 2.5; the most here is 1.91.",
        ),
        ({"type": "video/mp4", "seconds": 120.0}, "It lasts 120 s; the most here is 90 s."),
        ({"type": "video/mp4", "seconds": 2.0}, "It lasts 2 s; the least here is 3 s."),
        ({"type": "video/mp4", "codec": "VP9"}, "Its codec is VP9; taken here: AVC, HEVC."),
        (
            {"url": "https://example.org/a.mov", "size_bytes": 200_000_000},
            "It has 200.0 MB; the most here is 100.0 MB.",
        ),
    ],
)
def test_what_does_not_fit_is_told_with_the_numbers(facts: dict[str, Any], says: str) -> None:
    assert says in [problem.message for problem in found(**facts)]


def test_a_picture_can_be_made_to_fit_and_a_video_cannot() -> None:
    assert {problem.remedy for problem in found(type="image/webp")} == {FIT}
    assert {problem.remedy for problem in found(type="video/webm")} == {CUT}


@pytest.mark.parametrize(
    ("limits", "facts", "says"),
    [
        (Limits(100, media=1), {"url": "https://example.org/a.MP4?x=1"}, "Videos are not published here."),
        (Limits(100, media=1, image=None, video=VIDEO), {}, "Images are not published here."),
    ],
)
def test_a_kind_that_is_not_taken_is_told(limits: Limits, facts: dict[str, Any], says: str) -> None:
    assert [problem.message for problem in found(limits, **facts)] == [says]
