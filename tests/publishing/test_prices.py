from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from publishing.prices import PRICES, Charge, Price, together, usd

AWS = re.compile(r"(\w+\.)?(aws\.amazon\.com|amazonaws\.com)")
WHEN = re.compile(r", (undated|2\d{3}(-\d\d-\d\d)?|.* of 2\d{3}-\d\d-\d\d)$")


def test_every_charge_has_its_price() -> None:
    assert PRICES.keys() == set(Charge)


@pytest.mark.parametrize("price", PRICES.values(), ids=PRICES.keys())
def test_every_price_names_aws_own_page(price: Price) -> None:
    page = urlsplit(price.page)
    assert (page.scheme, page.netloc) == ("https", "aws.amazon.com")


@pytest.mark.parametrize("price", PRICES.values(), ids=PRICES.keys())
def test_every_price_says_where_it_was_read_and_of_when_that_is(price: Price) -> None:
    assert WHEN.search(price.seen)


@pytest.mark.parametrize("price", PRICES.values(), ids=PRICES.keys())
def test_a_price_is_confirmed_only_where_aws_itself_was_read(price: Price) -> None:
    assert price.confirmed is bool(AWS.match(price.seen))


def test_what_is_used_is_paid_by_its_own_measure() -> None:
    million = 1_000_000
    used = {Charge.WRITE_UNITS: million, Charge.KEY_REQUESTS: 10_000, Charge.LOGGED_BYTES: 2_000 * million}
    assert usd(used) == pytest.approx(0.625 + 0.03 + 1.0)


def test_uses_are_added_charge_by_charge() -> None:
    sums = together({Charge.MAILS: 1}, {Charge.MAILS: 2, Charge.TRACES: 1})
    assert sums == {Charge.MAILS: 3, Charge.TRACES: 1}
