from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
import pytest

from identity.gate import Gate
from identity.keys import Keys, NewKey, hashed
from identity.members import Members
from identity.model import Bearer, Denial, Denied, Role, person_of
from identity.tokens import Issuer, PublishedKeys
from publishing.standing import in_order
from tests.cloud import Cloud
from tests.functions.ours import Ours
from tests.functions.service import Service
from tests.identity import issuer
from tests.identity.callers import admin
from tests.identity.issuer import Published
from tests.owasp.walking import OURS_ALONE, OUTSIDERS, Asked, named
from web import people
from web.schemas.base import ProblemDocument

STRANGE = "https://evil.example/keys.json"
TIMES = {"iat": 1_795_176_000, "exp": 4_102_444_800}


def encoded(part: object) -> str:
    """One part of a token, of whatever it is made."""
    content = part if isinstance(part, bytes) else json.dumps(part, default=str).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def forged(header: Mapping[str, Any], sign: Callable[[bytes], bytes] = lambda _: b"") -> str:
    """A token put together by hand, as no library would."""
    signed = f"{encoded(header)}.{encoded(issuer.claims(**TIMES))}"
    return f"{signed}.{encoded(sign(signed.encode()))}"


def stranger() -> dict[str, Any]:
    """A stranger's public key, as a header would bring it along."""
    return {**jwt.algorithms.RSAAlgorithm.to_jwk(issuer.rsa_key("strange").public_key(), as_dict=True), "kid": "rsa"}


def by_stranger(**headers: object) -> str:
    """A token that a stranger signed, with headers that say where the stranger's key is."""
    return issuer.token(key=issuer.rsa_key("strange"), headers=headers)


def with_hmac(secret: bytes, **headers: object) -> str:
    """A token whose signature anybody can make who has the secret."""
    return forged({"alg": "HS256", "typ": "JWT", "kid": "rsa", **headers}, lambda it: hmac.digest(secret, it, "sha256"))


ATTACKS: dict[str, Callable[[], str]] = {
    "no algorithm": lambda: forged({"alg": "none", "typ": "JWT", "kid": "rsa"}),
    "no algorithm, in capitals": lambda: forged({"alg": "NONE", "typ": "JWT", "kid": "rsa"}),
    "no algorithm, in both": lambda: forged({"alg": "nOnE", "typ": "JWT", "kid": "rsa"}),
    "an empty algorithm": lambda: forged({"alg": "", "typ": "JWT", "kid": "rsa"}),
    "an algorithm that is no text": lambda: forged({"alg": ["RS256"], "typ": "JWT", "kid": "rsa"}),
    "none at all": lambda: forged({"typ": "JWT", "kid": "rsa"}),
    "a good header without a signature": lambda: forged({"alg": "RS256", "typ": "JWT", "kid": "rsa"}),
    "the public key as a secret": lambda: with_hmac(issuer.public_pem()),
    "the published key as a secret": lambda: with_hmac(json.dumps(issuer.key_set()["keys"][0]).encode()),
    "an empty secret": lambda: with_hmac(b""),
    "an empty secret under an odd name": lambda: with_hmac(b"", kid="../../../../dev/null"),
    "a key of its own": lambda: by_stranger(jwk=stranger()),
    "a key set elsewhere": lambda: by_stranger(jku=STRANGE),
    "a certificate elsewhere": lambda: by_stranger(x5u=STRANGE),
    "a certificate of its own": lambda: by_stranger(x5c=["MIIB"]),
    "a name that is a path": lambda: by_stranger(kid="../../etc/passwd"),
    "a name that is a query": lambda: by_stranger(kid="rsa' OR '1'='1"),
    "a name that is an address": lambda: by_stranger(kid=STRANGE),
    "an empty name": lambda: by_stranger(kid=""),
    "a name that is a list": lambda: forged({"alg": "RS256", "typ": "JWT", "kid": ["rsa"]}),
    "a name that is null": lambda: forged({"alg": "RS256", "typ": "JWT", "kid": None}),
    "what must be understood and is not": lambda: issuer.token(headers={"crit": ["exp"], "exp": 1}),
    "a body that is not encoded": lambda: issuer.token(headers={"b64": False, "crit": ["b64"]}),
    "an encrypted one": lambda: ".".join([encoded({"alg": "RSA-OAEP", "enc": "A256GCM"}), *["AAAA"] * 4]),
    "another kind of token": lambda: issuer.token(headers={"typ": "id_token+jwt"}),
    "another audience": lambda: issuer.token(aud="another-api"),
    "many audiences, none of them us": lambda: issuer.token(aud=["a", "b"]),
    "another issuer": lambda: issuer.token(iss=issuer.NAME.rstrip("/")),
    "never ending": lambda: issuer.token(exp=None),
    "one byte changed": lambda: issuer.token()[:-6] + "AAAAAA",
    "two of them": lambda: f"{issuer.token()}.{issuer.token()}",
    "a role it does not have": lambda: issuer.token(role="owner"),
}


@dataclass(frozen=True)
class Looked(Keys):
    """Keys that remember what was looked for."""

    seen: list[str] = field(default_factory=list)

    def find(self, digest: str) -> Any:
        """As it is, and remembered."""
        self.seen.append(digest)
        return super().find(digest)


@pytest.fixture
def gate(cloud_in_moto: Cloud) -> Gate:
    keys, members = Looked("channels", cloud_in_moto.watch), Members("channels", cloud_in_moto.watch)
    return Gate(keys, members, in_order, Issuer(issuer.NAME, issuer.AUDIENCE, PublishedKeys(Published())))


@pytest.fixture
def key(gate: Gate) -> NewKey:
    return gate.keys.create(admin(issuer.WORKSPACE), name="CI", role=Role.AUTHOR)


REFUSED = {  # all else: 401
    Denial.UNAVAILABLE: (503, "unavailable"),
    Denial.NO_MEMBER: (403, "forbidden"),  # the issuer knows the person: to authenticate again would not help
    Denial.WHICH_WORKSPACE: (422, "invalid-request"),
}

NEARLY: dict[str, Callable[[str], str]] = {
    "in capitals": str.upper,
    "with its prefix in capitals": lambda text: text.replace("pr_", "PR_"),
    "cut short": lambda text: text[:-1],
    "with more behind it": lambda text: text + "0",
    "with another end": lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"),
    "its id alone": lambda text: text.rpartition("_")[0],
    "its secret alone": lambda text: text.rpartition("_")[2],
    "its hash": hashed,
    "its hash with the prefix": lambda text: "pr_" + hashed(text),
    "its prefix alone": lambda _: "pr_",
    "with a zero-width space": lambda text: text + "\u200b",
    "with a NUL": lambda text: text + "\0",
    "in wide letters": lambda text: text.replace("pr_", "\uff50\uff52_"),
    "twice": lambda text: f"{text} {text}",
    "as one of two": lambda text: f"{text},{text}",
    "with a line end within": lambda text: text[:10] + "\r\n" + text[10:],
}


class TestAuthentication:
    """API2, broken authentication: somebody passes for another.

    Tokens are believed as RFC 8725 has it: two algorithms, keys from the configured address alone, each for its own
    algorithm, whatever the token's header says; issuer, audience, kind and end are insisted on. Keys are 256 random
    bits, looked up by their hash whole: no part of one is worth anything, and no comparison takes a telling time.
    """

    @pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
    def test_a_forged_token_is_refused_and_leads_nowhere(self, attack: Callable[[], str]) -> None:
        published = Published()
        ours = Issuer(issuer.NAME, issuer.AUDIENCE, PublishedKeys(published))
        with pytest.raises(Denied) as refused:
            ours.bearer(attack())
        assert refused.value.denial is Denial.INVALID_TOKEN
        assert published.fetched <= 1

    def test_the_genuine_token_that_they_are_made_of_is_believed(self) -> None:
        ours = Issuer(issuer.NAME, issuer.AUDIENCE, PublishedKeys(Published()))
        assert ours.bearer(issuer.token()) == Bearer(person_of(issuer.NAME, issuer.SUBJECT), "", Role.ADMIN)

    @pytest.mark.parametrize("role", Role)
    def test_a_token_is_good_for_no_more_than_the_role_it_claims(self, role: Role) -> None:
        ours = Issuer(issuer.NAME, issuer.AUDIENCE, PublishedKeys(Published()))
        assert ours.bearer(issuer.token(role=role.value)).most is role

    @pytest.mark.parametrize("change", NEARLY.values(), ids=NEARLY.keys())
    def test_what_is_nearly_a_key_is_none(self, gate: Gate, key: NewKey, change: Callable[[str], str]) -> None:
        with pytest.raises(Denied):
            gate.principal(f"Bearer {change(key.text)}")
        assert gate.principal(f"Bearer {key.text}").subject == key.key.id

    @pytest.mark.parametrize("scheme", ["Basic", "Token", "ApiKey", "Bearer:", "BearerX", "", "Digest"])
    def test_a_key_under_another_scheme_is_none(self, gate: Gate, key: NewKey, scheme: str) -> None:
        with pytest.raises(Denied):
            gate.principal(f"{scheme} {key.text}")

    @pytest.mark.parametrize("header", ["Bearer {}", "bearer {}", "  Bearer   {}  ", "BEARER\t{}"])
    def test_only_the_scheme_may_be_written_in_many_ways(self, gate: Gate, key: NewKey, header: str) -> None:
        assert gate.principal(header.format(key.text).replace("\t", " ")).role is Role.AUTHOR

    def test_a_key_is_looked_for_by_its_hash_alone(self, gate: Gate, key: NewKey) -> None:
        gate.principal(f"Bearer {key.text}")
        with pytest.raises(Denied):
            gate.principal(f"Bearer {key.text[:-1]}x")
        assert isinstance(gate.keys, Looked)
        assert gate.keys.seen == [hashlib.sha256(text.encode()).hexdigest() for text in (key.text, key.text[:-1] + "x")]

    @pytest.mark.parametrize("operation", OURS_ALONE, ids=named)
    def test_every_operation_asks_who_it_is(self, service: Service, operation: Asked) -> None:
        for problem in Denial:
            reply = service.ask(
                operation.method, operation.path, role=None, context={"problem": problem.value}, body={}
            )
            assert (reply.status, reply.problem) == REFUSED.get(problem, (401, "unauthenticated"))
            assert reply.json.keys() == ProblemDocument.model_fields.keys()
            assert "ws_" not in reply.text

    @pytest.mark.parametrize("operation", [each for each in OURS_ALONE if each not in OUTSIDERS], ids=named)
    @pytest.mark.parametrize("denial", Denial)
    def test_nothing_is_done_for_a_person_who_is_no_member(
        self, service: Service, operation: Asked, denial: Denial
    ) -> None:
        outsider = {"problem": denial.value, "person": service.person}
        reply = service.ask(operation.method, operation.path, context=outsider, body={})
        assert (reply.status, reply.problem) == REFUSED.get(denial, (401, "unauthenticated"))

    def test_who_is_no_member_sees_its_own_workspaces_and_joins_by_invitation_and_no_more(
        self, service: Service
    ) -> None:
        outsider = {"problem": Denial.NO_MEMBER.value, "person": service.person}
        Ours(service)
        assert {each.id for each in OUTSIDERS} == {people.LIST_WORKSPACES.id, people.ACCEPT_INVITATION.id}
        assert service.ask("GET", "/v1/workspaces", context=outsider).json == {"items": [], "next": None}
        made_up = {"token": "x" * 43, "name": "Eve"}
        assert service.ask("POST", "/v1/invitations/accept", context=outsider, body=made_up).status == 404
