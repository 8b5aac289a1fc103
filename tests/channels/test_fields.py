from __future__ import annotations

import pytest

from channels import fields
from functions import platforms
from publishing.adapter import Field, Kind

URL = Field("url", Kind.URL)
DISCORD = Field("url", Kind.URL, hosts=("discord.com", "canary.discord.com"))
EMAIL = Field("from", Kind.EMAIL)
EMAILS = Field("to", Kind.EMAILS, secret=True)
JSON = Field("headers", Kind.JSON, secret=True)
TEXT = Field("token", secret=True, help="From the settings page.", max_chars=10)
OPTIONAL = Field("note", required=False)


def messages(field: Field, value: str, *, loopback: bool = False) -> list[str]:
    return [problem.message for problem in fields.problems([field], {field.name: value}, loopback=loopback)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (URL, "https://example.org/hook?x=1#top"),
        (URL, "https://example.org:8443/hook"),
        (URL, "  https://example.org/hook\n"),
        (URL, "https://93.184.216.34/hook"),
        (URL, "https://xn--bcher-kva.example/hook"),
        (DISCORD, "https://discord.com/api/webhooks/1/x"),
        (DISCORD, "https://CANARY.discord.com/api/webhooks/1/x"),
        (EMAIL, "news+list@mail.example.org"),
        (EMAILS, "a@example.org, b@example.org\r\nc@example.org\n"),
        (JSON, '{"X-Key": "value"}'),
        (JSON, "{}"),
        (TEXT, "0123456789"),
        (OPTIONAL, ""),
    ],
)
def test_what_is_right_has_no_problem(field: Field, value: str) -> None:
    assert messages(field, value) == []


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        (URL, "http://example.org", "It must begin with https://."),
        (URL, "ftp://example.org", "It must begin with https://."),
        (URL, "javascript:alert(1)", "This is not a web address."),
        (URL, "example.org", "This is not a web address."),
        (URL, "https://", "This is not a web address."),
        (URL, "https://exa mple.org", "This is not a web address."),
        (URL, "https://example.org\\@127.0.0.1", "This is not a web address."),
        (URL, "https://example.org:port", "This is not a web address."),
        (URL, "https://example.org:65561/", "This is not a web address."),
        (URL, "https://xn--a.example/hook", "This is not a web address."),
        (URL, "https://XN--.example/hook", "This is not a web address."),
        (URL, "https://[::1", "This is not a web address."),
        (URL, "https://ex\u00e4mple.org", "This is not a web address."),
        (URL, "https://user:secret@example.org", "It must not hold a user name or password."),
        (URL, "https://169.254.169.254/latest", "It leads to an address outside the public internet."),
        (URL, "https://[::ffff:10.0.0.1]/", "It leads to an address outside the public internet."),
        (URL, "https://127.0.0.1:9001", "It leads to an address outside the public internet."),
        (DISCORD, "https://discord.com.example.org", "It must lead to discord.com or canary.discord.com."),
        (DISCORD, "https://example.org/discord.com", "It must lead to discord.com or canary.discord.com."),
        (EMAIL, "nobody", "Not an e-mail address: number 1 of 1."),
        (EMAIL, "a@b@example.org", "Not an e-mail address: number 1 of 1."),
        (EMAIL, "a@example.org\r\nBcc: b@example.org", "Not an e-mail address: number 1 of 1."),
        (EMAIL, f"{'a' * 64}@{'b.' * 100}example.org", "Not an e-mail address: number 1 of 1."),
        (EMAILS, "a@example.org\nb@\nc@example.org\nd", "Not an e-mail address: number 2, 4 of 4."),
        (EMAILS, ",,", "There is no e-mail address in it."),
        (JSON, "{", "This is not JSON."),
        (JSON, "[" * 2_000, "This is not JSON."),
        (JSON, "[]", "This is not a JSON object of text values."),
        (JSON, '{"X-Key": 1}', "This is not a JSON object of text values."),
        (TEXT, "01234567890", "It is 11 characters long; the most is 10."),
        (TEXT, " ", "This field is required."),
    ],
)
def test_what_is_wrong_is_told(field: Field, value: str, says: str) -> None:
    assert messages(field, value) == [says]


def test_a_problem_names_its_field_and_helps() -> None:
    (problem,) = fields.problems([URL], {"url": "http://example.org"})
    assert (problem.field, problem.remedy) == ("credentials.url", "Copy the whole address, beginning with https://.")


def test_a_missing_field_is_named_with_what_helps_to_find_it() -> None:
    (problem,) = fields.problems([TEXT], {})
    assert (problem.field, problem.remedy) == ("credentials.token", "From the settings page.")


def test_an_unknown_field_is_named_with_the_known_ones() -> None:
    (problem,) = fields.problems([OPTIONAL, TEXT], {"token": "x", "tokn": "y"})
    assert (problem.field, problem.remedy) == ("credentials.tokn", "Its fields are: note, token.")


def test_all_problems_are_told_at_once() -> None:
    found = fields.problems([URL, EMAIL, TEXT], {"url": "x", "from": "y", "z": "z"})
    assert [problem.field for problem in found] == [
        "credentials.z",
        "credentials.url",
        "credentials.from",
        "credentials.token",
    ]


def test_no_value_is_repeated() -> None:
    values = {"url": "https://u:canary@example.org", "from": "canary", "to": "canary", "headers": "canary", "token": ""}
    assert "canary" not in repr(fields.problems([URL, EMAIL, EMAILS, JSON, TEXT], values))


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/api", "http://localhost:8080", "http://[::1]:80/"])
def test_stand_ins_on_this_machine_are_admitted_on_the_laptop_alone(url: str) -> None:
    assert messages(DISCORD, url, loopback=True) == []
    assert messages(DISCORD, url) != []


def test_the_laptop_admits_no_other_plain_http() -> None:
    assert messages(URL, "http://example.org", loopback=True) == ["It must begin with https://."]


def test_secrets_and_settings_are_told_apart_and_trimmed() -> None:
    given = {"token": " s3cret\n", "url": "https://example.org", "note": "  "}
    supplied = fields.supplied([TEXT, URL, OPTIONAL], given)
    assert supplied == fields.Supplied(settings={"url": "https://example.org"}, secret={"token": "s3cret"})


@pytest.mark.parametrize("platform", platforms.names())
def test_what_must_be_granted_is_no_secret_so_that_it_can_be_looked_at_before_each_use(platform: str) -> None:
    declared = platforms.load(platform).credentials.fields
    assert [field.name for field in declared if field.granted and field.secret] == []


def test_what_was_not_granted_is_named_and_not_repeated() -> None:
    declared = (Field("from", Kind.EMAIL, granted=True), Field("reply_to", Kind.EMAIL, granted=True), TEXT)
    given = {"from": " ann@example.org", "reply_to": " ", "token": "t"}
    assert fields.ungranted(declared, given, lambda _: True) == []
    (problem,) = fields.ungranted(declared, given, lambda _: False)
    assert problem.field == "credentials.from"
    assert "ann" not in repr(problem)


@pytest.mark.parametrize(("given", "count"), [({}, 1), ({"other": "x"}, 0), ({"other": " "}, 1), ({"one": "x"}, 0)])
def test_a_field_that_another_spares_is_required_without_it(given: dict[str, str], count: int) -> None:
    declared = [Field("one", unless="other"), Field("other", required=False)]
    assert len(fields.problems(declared, given)) == count
