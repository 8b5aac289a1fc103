"""What becomes of the content's Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.platforms._markdown import to_html, to_plain, without_front_matter


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("All *rivers*", "<p>All <em>rivers</em></p>\n"),
        ("# Rivers", "<h1>Rivers</h1>\n"),
        ("[map](https://example.org/a?b=1&c=2)", '<p><a href="https://example.org/a?b=1&amp;c=2">map</a></p>\n'),
        ('![A "river"](https://example.org/a.png)',
         '<p><img src="https://example.org/a.png" alt="A &quot;river&quot;" /></p>\n'),
        ("~~dry~~", "<p><s>dry</s></p>\n"),
        ("|a|\n|-|\n|1|", ("<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n"
                          "<tbody>\n<tr>\n<td>1</td>\n</tr>\n</tbody>\n</table>\n")),
        ("", ""),
    ],
)  # fmt: skip
def test_markdown_becomes_html(text: str, html: str) -> None:
    assert to_html(text) == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("a <img onerror=x> b", "<p>a &lt;img onerror=x&gt; b</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("[x](JaVaScRiPt&colon;alert(1))", "<p>[x](JaVaScRiPt:alert(1))</p>\n"),
        ("![x](data:text/html,x)", "<p>![x](data:text/html,x)</p>\n"),
        ('[x](https://e.org/"onclick="y)', '<p><a href="https://e.org/%22onclick=%22y">x</a></p>\n'),
        ('```"><b>\n```', '<pre><code class="language-&quot;&gt;&lt;b&gt;"></code></pre>\n'),
    ],
)
def test_no_markup_of_the_authors_own_gets_through(text: str, html: str) -> None:
    assert to_html(text) == html


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("# Rivers\n\nAll *rivers* **carry** `leaves`.", "Rivers\n\nAll rivers carry leaves."),
        ("one\ntwo\\\nthree", "one two\nthree"),
        ("[map](https://example.org)", "map (https://example.org)"),
        ("<https://example.org>", "https://example.org"),
        ("<ann@example.org>", "ann@example.org"),
        ("[](https://example.org)", "https://example.org"),
        ("![A river](https://example.org/a.png)", "A river (https://example.org/a.png)"),
        ("![](https://example.org/a.png)", "https://example.org/a.png"),
        ("- one\n- two\n\n  more\n  1. three", "- one\n- two\n  more\n  1. three"),
        ("9. nine\n10. ten\n\n    more", "9. nine\n10. ten\n    more"),
        ("> one\n>\n> two", "> one\n>\n> two"),
        ("```py\nx = 1\n\ny = 2\n```", "x = 1\n\ny = 2"),
        ("    code\n      deeper", "code\n  deeper"),
        ("a\n\n---\n\nb", "a\n\n---\n\nb"),
        ("|a|b|\n|-|-|\n|1|[2](https://x.org)|", "a | b\n1 | 2 (https://x.org)"),
        ("~~dry~~ &amp; <b>wet</b>", "dry & <b>wet</b>"),
        ("", ""),
    ],
)
def test_markdown_becomes_plain_text(text: str, plain: str) -> None:
    assert to_plain(text) == plain


@given(st.text(st.sampled_from("#*_-[]()!<>`|~\\ \n\t&;:ab1."), max_size=80))
def test_no_text_is_too_odd(text: str) -> None:
    assert isinstance(to_html(text), str)
    assert isinstance(to_plain(text), str)


@pytest.mark.parametrize("text", ["> " * 5_000, "[" * 20_000, "*" * 20_000, "- " * 5_000, "`" * 20_000])
def test_no_nesting_is_too_deep(text: str) -> None:
    assert isinstance(to_plain(text), str)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("---\ntitle: A\ntags: b\n---\nText", "Text"),
        ("\r\n---  \r\ntitle: A\r\n---\r\nText", "Text"),
        ("---\n# ours\ndescription: >\n  long\n---", ""),
        ("---\ntitle: A\n---\n---\ntitle: B\n---\nText", "***\ntitle: B\n---\nText"),
        ("---\nNote: all rivers\n---\nText", "***\nNote: all rivers\n---\nText"),
        ("---\n\nText", "***\n\nText"),
        ("---", "***"),
        ("--- no rule", "--- no rule"),
        ("Text\n\n---\ntitle: A\n---\n", "Text\n\n---\ntitle: A\n---\n"),
        ("", ""),
    ],
)
def test_front_matter_goes_and_a_rule_stays(text: str, rest: str) -> None:
    assert without_front_matter(text) == rest


def test_a_long_definition_named_often_does_not_multiply() -> None:
    definition = f"[a]: https://example.org/{'x' * 6_000}\n\n"
    bomb = definition + "[a]\n" * 3_000
    assert len(to_html(bomb)) < 250_000
    assert len(to_plain(bomb)) < 250_000


def test_definitions_are_used_where_they_are_named() -> None:
    assert to_html("[here][a] and [there][a]\n\n[a]: https://example.org/") == (
        '<p><a href="https://example.org/">here</a> and <a href="https://example.org/">there</a></p>\n'
    )


def test_a_wide_table_of_many_empty_rows_does_not_multiply() -> None:
    columns = "|" + "a|" * 1_000
    bomb = f"{columns}\n|{'-|' * 1_000}\n" + "|b\n" * 5_000
    assert len(to_html(bomb)) < 3_000_000
