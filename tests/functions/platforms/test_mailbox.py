"""Addresses and names as headers hold them."""

from __future__ import annotations

import re
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.platforms import _mailbox


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ann@example.org", "ann@example.org"),
        ("  Ann.O'Neil+tag@Mail.EXAMPLE.org\n", "Ann.O'Neil+tag@mail.example.org"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
    ],
)
def test_an_address_comes_out_as_ses_takes_it(text: str, address: str) -> None:
    assert _mailbox.address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "@example.org",
        "ann@",
        "ann@localhost",
        "ann@example..org",
        "jürgen@example.org",
        "Ann <ann@example.org>",
        "ann@example.org, ben@example.org",
        "ann@example.org\r\nBcc: eve@example.org",
        "ann\r\nBcc: eve@example.org",
        '"a b"@example.org',
        "a b@example.org",
        "a" * 65 + "@example.org",
        "ann@" + "a" * 64 + ".org",
        "ann@" + "a.b" * 100 + ".org",
    ],
)
def test_what_is_no_address_is_not_taken_for_one(text: str) -> None:
    with pytest.raises(ValueError, match=r"address|label|encode"):
        _mailbox.address(text)


def test_addresses_stand_between_commas_or_line_ends() -> None:
    assert _mailbox.addresses("a@x.org, b@x.org\r\nc@x.org\n\n,d@x.org,") == [
        "a@x.org",
        "b@x.org",
        "c@x.org",
        "d@x.org",
    ]


def test_an_address_given_twice_is_one() -> None:
    assert _mailbox.addresses("Ann@x.org,b@x.org,ann@X.org") == ["Ann@x.org", "b@x.org"]


def test_one_wrong_address_spoils_the_list() -> None:
    with pytest.raises(ValueError, match="no e-mail address"):
        _mailbox.addresses("a@x.org,b at x.org")


def test_the_domains_of_an_address_go_up_to_two_labels() -> None:
    assert _mailbox.domains("ann@news.example.co.uk") == ["news.example.co.uk", "example.co.uk", "co.uk"]


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("Ann", '"Ann" <ann@x.org>'),
        ("", "<ann@x.org>"),
        (" \n", "<ann@x.org>"),
        ('Ann "the pen" \\ Lee, Inc. <x>', '"Ann \\"the pen\\" \\\\ Lee, Inc. <x>" <ann@x.org>'),
        ("Änn", "=?utf-8?q?=C3=84nn?= <ann@x.org>"),
        ("Ann\r\nBcc: eve@x.org", '"Ann Bcc: eve@x.org" <ann@x.org>'),
    ],
)
def test_a_name_stands_before_its_address(name: str, header: str) -> None:
    assert _mailbox.named(name, "ann@x.org") == header


@given(name=st.text())
def test_no_name_whatever_writes_a_header_of_its_own(name: str) -> None:
    header = _mailbox.named(name, "ann@x.org")
    assert re.fullmatch(r"[ -~]{1,940}", header)
    assert parseaddr(header)[1] == "ann@x.org"


@given(name=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=60))
def test_a_name_is_read_as_it_was_written(name: str) -> None:
    read, _ = parseaddr(_mailbox.named(name, "ann@x.org"))
    assert str(make_header(decode_header(read))) == name


@given(text=st.text())
def test_a_line_is_one_line(text: str) -> None:
    assert len(_mailbox.line(text).splitlines()) <= 1


def test_a_line_keeps_what_joins_letters() -> None:
    assert _mailbox.line("\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}") == "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"
