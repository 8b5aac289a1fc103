"""The Hashnode adapter on replies written after Hashnode's documentation (read 2026-11-21), not recorded from it.

What it asks is held against the part of Hashnode's schema (github.com/Hashnode/gql-skill, schema.graphql at ebd06df)
that it uses, by graphql-core.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from graphql import OperationDefinitionNode, build_schema, parse, validate
from graphql.execution.values import get_variable_values

from functions.platforms.hashnode import Hashnode
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.model import Channel, Content, Identity, Media, Metric, Post, Problem, Receipt
from publishing.rehearsal import rehearse
from tests.functions.platforms.conversing import NOON, hold, outcome_of, publishes, recorded

SCHEMA = build_schema("""
scalar DateTime
scalar ObjectId
type Query { me: MyUser, publication(id: ObjectId, host: String): Publication, post(id: ID!): Post }
type Mutation {
  publishPost(input: PublishPostInput!): PublishPostPayload!
  createImageUploadURL(input: CreateImageUploadInput!): CreateImageUploadPayload!
}
scalar JSONObject
input CreateImageUploadInput { contentType: String! }
type CreateImageUploadPayload { presignedPost: PresignedPost! }
type PresignedPost { url: String!, fields: JSONObject! }
type MyUser { id: ID! }
type Publication {
  id: ID!, title: String!, url: String
  post(slug: String!): Post, posts(first: Int!, after: String): PostConnection!
}
type PostConnection { edges: [PostEdge!]! }
type PostEdge { node: Post!, cursor: String! }
type Post {
  id: ID!, title: String!, slug: String!, url: String!, publishedAt: DateTime!, canonicalUrl: String
  views: Int, reactionCount: Int!, responseCount: Int!, replyCount: Int!
}
type PublishPostPayload { post: Post! }
input PublishPostInput {
  publicationId: ObjectId!, title: String!, subtitle: String, contentMarkdown: String!, coverImage: String
  slug: String, tags: [PublishPostTagInput!], originalArticleURL: String, metaTitle: String, metaDescription: String
  ogImage: String, disableComments: Boolean, isDelisted: Boolean, enableToc: Boolean, publishAs: ObjectId
  coAuthors: [ObjectId!], seriesId: ObjectId, publishedAt: DateTime
}
input PublishPostTagInput { slug: String!, name: String }
""")
TOKEN = "t0ken-4711-t0ken-4711"
PUBLICATION = "65a1b2c3d4e5f60718293a4b"
SLUG = "rivers-in-autumn-7f9a94e0"
CHANNEL = Channel("chn_1", "wsp_1", "hashnode", settings={"publication": "ann.hashnode.dev"}, secrets={"token": TOKEN})
BY_ID = replace(CHANNEL, settings={"publication": PUBLICATION})
POST = Post(
    "dlv_1",
    Content(
        title="Rivers in autumn",
        text="All *rivers* carry leaves.",
        summary="On leaves",
        link="https://example.org/rivers",
        tags=("rivers", "Web Dev", "Next.js"),
        media=(Media("https://example.org/a.png", "A river"),),
    ),
    NOON,
)


HELD = Media("https://uploads.example.org/1?X=1", "A river", "med_1", "image/png", 4)
COVERED = replace(POST, content=replace(POST.content, media=(HELD,)))


def answer(status: int = 200, **data: object) -> httpx.Response:
    return httpx.Response(status, json={"data": data})


def article(**fields: object) -> dict[str, object]:
    return {
        "id": "6a603fb103e2cb323e7851f6",
        "url": f"https://ann.hashnode.dev/{SLUG}",
        "publishedAt": "2026-11-20T12:00:01.000Z",
        **fields,
    }


def seen(**fields: object) -> dict[str, object]:
    return article(**{"slug": SLUG, "title": "Rivers in autumn", "canonicalUrl": None, **fields})


def look(post: dict[str, object] | None, *latest: dict[str, object]) -> httpx.Response:
    return answer(publication={"post": post, "posts": {"edges": [{"node": node} for node in latest]}})


def trouble(code: str, message: str = "No.", status: int = 200, path: list[object] | None = None) -> httpx.Response:
    error = {"message": message, "extensions": {"code": code}, "path": path or ["publishPost"]}
    return httpx.Response(status, json={"errors": [error], "data": None})


HOME = answer(
    me={"id": "5f"}, publication={"id": PUBLICATION, "title": "Ann writes", "url": "https://ann.hashnode.dev"}
)
SENT = answer(publishPost={"post": article()})
ACCEPTED = [HOME, SENT]
VERIFIED = [HOME]
ELSEWHERE = seen(slug="rivers-in-autumn-1")

EXPECTED = {
    "publicationId": PUBLICATION,
    "title": "Rivers in autumn",
    "contentMarkdown": "All *rivers* carry leaves.",
    "slug": SLUG,
    "subtitle": "On leaves",
    "coverImage": "https://example.org/a.png",
    "originalArticleURL": "https://example.org/rivers",
    "tags": [
        {"slug": "rivers", "name": "rivers"},
        {"slug": "web-dev", "name": "Web Dev"},
        {"slug": "nextjs", "name": "Next.js"},
    ],
}


def requests_of(channel: Channel = CHANNEL, post: Post = POST) -> list[httpx.Request]:
    transport = recorded(*(ACCEPTED if channel is CHANNEL else [SENT]))
    hold(Hashnode().publish(post, channel), transport)
    return transport.asked


def input_of(**content: object) -> dict[str, object]:
    post = replace(POST, content=replace(POST.content, **content))  # type: ignore[arg-type]  # fields by name
    given: dict[str, object] = json.loads(requests_of(BY_ID, post)[-1].content)["variables"]["input"]
    return given


def published(*answers: httpx.Response | Exception) -> object:
    return outcome_of(Hashnode().publish(POST, BY_ID), recorded(*answers))


def found(*answers: httpx.Response, post: Post = POST) -> object:
    return outcome_of(Hashnode().find(post, CHANNEL, NOON - timedelta(minutes=5)), recorded(*answers))


def problems_of(**content: object) -> list[Problem]:
    return list(Hashnode().check(replace(POST, content=replace(POST.content, **content))))  # type: ignore[arg-type]


def asked_in_all() -> list[httpx.Request]:
    looked = recorded(look(None))
    hold(Hashnode().find(POST, BY_ID, NOON), looked)
    measured = recorded(httpx.Response(500))
    outcome_of(Hashnode().metrics(Receipt("6a603fb103e2cb323e7851f6"), CHANNEL), measured)
    begun = recorded(httpx.Response(500))
    outcome_of(Hashnode().publish(COVERED, CHANNEL), begun)
    return [*requests_of(), *requests_of(BY_ID), *looked.asked, *measured.asked, *begun.asked]


def test_the_publication_is_asked_for_first_and_the_article_goes_last() -> None:
    requests = requests_of()
    assert [(request.method, str(request.url)) for request in requests] == [
        ("POST", "https://gql-beta.hashnode.com/")
    ] * 2
    assert [publishes(request) for request in requests] == [False, True]
    assert json.loads(requests[0].content)["variables"] == {"host": "ann.hashnode.dev"}


def test_a_publication_known_by_its_id_is_not_asked_for() -> None:
    assert [publishes(request) for request in requests_of(BY_ID)] == [True]


def test_the_article_is_the_documented_one() -> None:
    assert input_of() == EXPECTED


def test_the_token_is_a_bearers() -> None:
    assert {request.headers["authorization"] for request in requests_of()} == {f"Bearer {TOKEN}"}


def test_every_document_is_valid_by_the_schema() -> None:
    documents = [parse(json.loads(request.content)["query"]) for request in asked_in_all()]
    assert [validate(SCHEMA, document) for document in documents] == [[]] * 6


def test_every_variable_is_of_its_type() -> None:
    bodies = [json.loads(request.content) for request in asked_in_all()]
    operations = [(parse(body["query"]).definitions[0], body["variables"]) for body in bodies]
    read = [
        get_variable_values(SCHEMA, operation.variable_definitions, variables)
        for operation, variables in operations
        if isinstance(operation, OperationDefinitionNode)
    ]
    assert [type(each) for each in read] == [dict] * 6  # a list would hold what is wrong


def test_what_is_not_given_is_left_out() -> None:
    assert input_of(summary="", link="", tags=(), media=()) == {
        name: EXPECTED[name] for name in ("publicationId", "title", "contentMarkdown", "slug")
    }


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Straße & C++: 5 Tips!", "stra-e-c-5-tips-7f9a94e0"),
        ("秋の川", "7f9a94e0"),
        ("x" * 90, f"{'x' * 60}-7f9a94e0"),
        ("a" * 59 + " b", f"{'a' * 59}-7f9a94e0"),
    ],
)
def test_the_slug_has_the_titles_words_and_the_deliverys_mark(title: str, slug: str) -> None:
    assert input_of(title=title)["slug"] == slug


def test_another_delivery_has_another_slug() -> None:
    other = json.loads(requests_of(BY_ID, replace(POST, id="dlv_2"))[-1].content)["variables"]["input"]
    assert other["slug"] != SLUG


@pytest.mark.parametrize(
    "given",
    ["ann.hashnode.dev", " https://Ann.hashnode.dev/ ", "http://ann.hashnode.dev/a/b", PUBLICATION.upper()],
)
def test_every_spelling_of_a_publication_is_understood(given: str) -> None:
    transport = recorded(HOME)
    hold(Hashnode().verify(replace(CHANNEL, settings={"publication": given})), transport)
    variables = json.loads(transport.asked[0].content)["variables"]
    assert variables in ({"host": "ann.hashnode.dev"}, {"id": PUBLICATION})


@pytest.mark.parametrize("given", ["Ann", "ann hashnode.dev", "https://", "ann@hashnode.dev"])
def test_what_is_no_publication_holds_the_channel(given: str) -> None:
    channel = replace(CHANNEL, settings={"publication": given})
    assert isinstance(outcome_of(Hashnode().publish(POST, channel), recorded()), Unauthorized)


def test_a_token_http_cannot_carry_holds_the_channel() -> None:
    channel = replace(BY_ID, secrets={"token": "schlüssel"})
    assert isinstance(outcome_of(Hashnode().publish(POST, channel), recorded()), Unauthorized)


def test_a_receipt_has_the_articles_id_and_address() -> None:
    assert published(SENT) == Receipt(
        "6a603fb103e2cb323e7851f6", f"https://ann.hashnode.dev/{SLUG}", "2026-11-20T12:00:01.000Z"
    )


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"title": " "}, "content.title"),
        ({"title": "x" * 251}, "content.title"),
        ({"text": "\n"}, "content.text"),
        ({"tags": tuple(f"t{number}" for number in range(16))}, "content.tags"),
        ({"tags": ("ok", "c++")}, "content.tags[1]"),
        ({"tags": ("日本語",)}, "content.tags[0]"),
        ({"tags": ("",)}, "content.tags[0]"),
        ({"media": (Media("https://example.org/a.png"),) * 2}, "content.media"),
        ({"media": (Media("http://example.org/a.png"),)}, "content.media[0].url"),
        ({"media": (Media("https://example.org/a.MP4?x=1"),)}, "content.media[0]"),
        ({"media": (replace(HELD, type="image/svg+xml"),)}, "content.media[0]"),
        ({"media": (replace(HELD, size_bytes=8_100_000),)}, "content.media[0]"),
        ({"link": "example.org"}, "content.link"),
        ({"text": "a\0"}, "content.text"),
    ],
)
def test_what_hashnode_cannot_take_is_a_problem(content: dict[str, object], field: str) -> None:
    assert [problem.field for problem in problems_of(**content)] == [field]


def test_a_text_is_counted_in_bytes_as_json_writes_it() -> None:
    (problem,) = problems_of(text="é\n" * 22_501)
    assert problem.message == "The text is 90004 bytes long; the most here is 90000: 4 too many."


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("UNAUTHENTICATED", Unauthorized),
        ("FORBIDDEN", Unauthorized),
        ("NOT_FOUND", Unauthorized),
        ("BAD_USER_INPUT", Refused),
        ("INTERNAL_SERVER_ERROR", OutcomeUnknown),
        ("NEVER_HEARD_OF", OutcomeUnknown),
    ],
)
def test_an_error_with_status_200_is_sorted_by_its_code(code: str, kind: type[PublishingError]) -> None:
    error = published(trouble(code))
    assert isinstance(error, kind)
    assert (str(error), error.code, error.status) == ("Hashnode answered: No.", code, 200)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (trouble("UNAUTHENTICATED", status=500), Unauthorized),
        (trouble("BAD_USER_INPUT", status=400), Refused),
        (trouble("INTERNAL_SERVER_ERROR", status=400), Refused),
        (trouble("INTERNAL_SERVER_ERROR", status=500), OutcomeUnknown),
        (httpx.Response(429, text="slow down"), Throttled),
        (httpx.Response(502, text="<html>"), OutcomeUnknown),
        (httpx.Response(403, text="error code: 1010"), Unauthorized),
        (httpx.Response(413, text="too large"), Refused),
        (httpx.Response(301, headers={"Location": "https://hashnode.com/changelog"}, text="<html>"), Unauthorized),
        (httpx.Response(401, json={"errors": "no"}), Unauthorized),
    ],
)
def test_the_status_counts_where_the_body_says_nothing(reply: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(published(reply), kind)


def test_that_the_plan_is_missing_is_told_in_hashnodes_words() -> None:
    message = "Publication does not have an active Pro plan. Upgrade in your dashboard to access this via the API."
    error = published(trouble("FORBIDDEN", message))
    assert isinstance(error, Unauthorized)
    assert str(error) == f"Hashnode answered: {message}"


def test_an_error_below_the_mutation_means_that_it_was_carried_out() -> None:
    assert isinstance(published(trouble("FORBIDDEN", path=["publishPost", "post", "url"])), OutcomeUnknown)


def test_of_several_errors_the_telling_one_counts() -> None:
    errors = [{"message": "?"}, {"message": "No.", "extensions": {"code": "FORBIDDEN"}, "path": None}]
    assert isinstance(published(httpx.Response(200, json={"errors": errors})), Unauthorized)


def test_an_error_without_words_has_a_message_all_the_same() -> None:
    error = published(httpx.Response(200, json={"errors": [{}]}))
    assert str(error) == "The answer was lost; the post may be out."


def test_the_token_is_blotted_out_of_hashnodes_words() -> None:
    assert str(published(trouble("BAD_USER_INPUT", f"No {TOKEN}"))) == "Hashnode answered: No …"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"publishPost": None},
        {"publishPost": {"post": None}},
        {"publishPost": {"post": article(id="")}},
        {"publishPost": {"post": article(url="javascript:x")}},
    ],
)
def test_a_200_without_an_article_is_unknown(data: dict[str, object]) -> None:
    assert isinstance(published(httpx.Response(200, json={"data": data})), OutcomeUnknown)


def test_an_article_without_a_moment_is_published() -> None:
    assert isinstance(published(answer(publishPost={"post": article(publishedAt=None)})), Receipt)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (answer(me={"id": "5f"}, publication=None), Unauthorized),
        (answer(me=None, publication={"id": PUBLICATION}), Unavailable),
        (trouble("NOT_FOUND", path=["publication"]), Unauthorized),
        (trouble("INTERNAL_SERVER_ERROR", path=["publication", "title"]), Unavailable),
        (httpx.Response(500), Unavailable),
        (httpx.Response(200, text="<html>"), Unavailable),
    ],
)
def test_without_its_publication_nothing_is_published(reply: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(outcome_of(Hashnode().publish(POST, CHANNEL), recorded(reply)), kind)


def test_what_is_out_is_found_by_its_slug() -> None:
    assert found(look(seen())) == Receipt(
        "6a603fb103e2cb323e7851f6", f"https://ann.hashnode.dev/{SLUG}", "2026-11-20T12:00:01.000Z"
    )


def test_a_look_asks_for_the_slug_made_at_publishing() -> None:
    transport = recorded(look(None))
    hold(Hashnode().find(POST, CHANNEL, NOON), transport)
    assert json.loads(transport.asked[0].content)["variables"] == {"host": "ann.hashnode.dev", "slug": SLUG}


@pytest.mark.parametrize(
    "latest",
    [
        [],
        [seen(slug="other", title="Other")],
        [seen(slug="rivers-in-autumn-01234567")],
        [{**ELSEWHERE, "publishedAt": "2026-11-20T11:54:59Z"}],
    ],
)
def test_what_has_neither_its_slug_nor_its_looks_is_not_it(latest: list[dict[str, object]]) -> None:
    assert found(look(None, *latest)) is None


@pytest.mark.parametrize(
    "there", [ELSEWHERE, seen(slug="x", title="Rivers, renamed", canonicalUrl="https://example.org/rivers")]
)
def test_an_article_of_its_looks_at_another_address_leaves_it_open(there: dict[str, object]) -> None:
    assert isinstance(found(look(None, there)), OutcomeUnknown)


@pytest.mark.parametrize("reply", [answer(publication=None), httpx.Response(500), look({"id": "1"})])
def test_a_look_that_fails_does_not_say_no(reply: httpx.Response) -> None:
    assert isinstance(found(reply), Unavailable)


def test_publishing_can_be_rehearsed() -> None:
    conversation = Hashnode().publish(POST, CHANNEL)
    request = conversation.send(Hashnode().stand_in(next(conversation)))
    assert publishes(request)


@pytest.mark.parametrize("url", ["https://ann.hashnode.dev", None])
def test_verifying_names_the_publication(url: str | None) -> None:
    home = answer(me={"id": "5f"}, publication={"id": PUBLICATION, "title": "Ann writes", "url": url})
    assert hold(Hashnode().verify(CHANNEL), recorded(home)) == Identity(PUBLICATION, "Ann writes", url or "")


def counted(reply: httpx.Response) -> object:
    return outcome_of(Hashnode().metrics(Receipt("6a603fb103e2cb323e7851f6"), CHANNEL), recorded(reply))


@pytest.mark.parametrize("views", [99, None])
def test_an_articles_counts_are_told(views: int | None) -> None:
    counts = {"views": views, "reactionCount": 7, "responseCount": 2, "replyCount": 1}
    expected = {Metric.VIEWS: views, Metric.LIKES: 7, Metric.COMMENTS: 3}
    told = {metric: count for metric, count in expected.items() if count is not None}
    assert counted(answer(post=counts)) == told


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (answer(post=None), Refused),
        (trouble("UNAUTHENTICATED", path=["post"]), Unauthorized),
        (trouble("INTERNAL_SERVER_ERROR", path=["post"]), Unavailable),
        (answer(post={"views": 1}), Unavailable),
    ],
)
def test_counts_that_cannot_be_had_are_no_zeros(reply: httpx.Response, kind: type[PublishingError]) -> None:
    assert isinstance(counted(reply), kind)


PLACED = answer(
    createImageUploadURL={
        "presignedPost": {
            "url": "https://uploads.s3.amazonaws.com/",
            "fields": {"key": "res/hashnode/image/upload/v1/a.png", "Policy": "eyJ=="},
        }
    }
)
PICTURE = httpx.Response(206, content=b"png!")


def test_an_uploaded_cover_is_handed_over_for_the_address_it_has_ends() -> None:
    transport = recorded(PLACED, PICTURE, httpx.Response(204), HOME, SENT)
    hold(Hashnode().publish(COVERED, CHANNEL), transport)
    ask, _, hand_over, _, create = transport.asked
    assert json.loads(ask.content)["variables"] == {"input": {"contentType": "image/png"}}
    assert (hand_over.method, str(hand_over.url)) == ("POST", "https://uploads.s3.amazonaws.com/")
    assert "authorization" not in hand_over.headers
    assert b'name="Policy"\r\n\r\neyJ==' in hand_over.content
    assert b'name="file"; filename="cover"\r\nContent-Type: image/png\r\n\r\npng!\r\n' in hand_over.content
    assert [publishes(each) for each in transport.asked] == [False] * 4 + [True]
    cover = json.loads(create.content)["variables"]["input"]["coverImage"]
    assert cover == "https://cdn.hashnode.com/res/hashnode/image/upload/v1/a.png"


@pytest.mark.parametrize(
    ("replies", "kind"),
    [
        ([trouble("BAD_USER_INPUT", path=["createImageUploadURL"])], Refused),
        ([trouble("UNAUTHENTICATED", path=["createImageUploadURL"])], Unauthorized),
        ([answer(createImageUploadURL={"presignedPost": {"url": "x", "fields": {}}})], Unavailable),
        ([PLACED, httpx.Response(404)], Refused),
        ([PLACED, PICTURE, httpx.Response(403, text="<Error>")], Unavailable),
    ],
)
def test_a_cover_that_does_not_arrive_means_nothing_was_published(
    replies: list[httpx.Response], kind: type[PublishingError]
) -> None:
    assert isinstance(outcome_of(Hashnode().publish(COVERED, CHANNEL), recorded(*replies)), kind)


def test_publishing_an_uploaded_cover_can_be_rehearsed() -> None:
    last = rehearse(Hashnode(), COVERED, CHANNEL, ["token"])
    assert last is not None
    assert last.publishes
