//! What is a template, what is none, and what no name can do to one.

use proptest::prelude::*;

use super::*;
use crate::domain::html::utf16_len;

const LIMIT: usize = 4_096;

fn problem(html: &str) -> (usize, TemplateProblem) {
    let error = Template::parse(html, LIMIT).expect_err(html);
    (error.position, error.problem)
}

#[test]
fn all_of_telegrams_tags_are_read_and_written_anew() {
    let html = "<b>1</b><strong>2</strong><i>3</i><em>4</em><u>5</u><ins>6</ins><s>7</s>\
                <strike>8</strike><del>9</del><code>a</code><pre>b</pre>\
                <pre><code class=\"language-rust\">c</code></pre>\
                <a href=\"https://e.org/?a=1&amp;b=2\">d</a><blockquote>e</blockquote>\
                <blockquote expandable>f</blockquote><tg-spoiler>g</tg-spoiler>\
                <span class=\"tg-spoiler\">h</span><tg-emoji emoji-id=\"53\">😀</tg-emoji>";
    let template = Template::parse(html, LIMIT).unwrap();
    assert_eq!(template.as_str(), html);
    assert_eq!(template.longest_units(), 19);
    let odd =
        Template::parse("<B>1</b ><a  HREF='https://e.org/\"'>2</A>&#x41;&#66;", LIMIT).unwrap();
    let written = "<b>1</b><a href=\"https://e.org/&quot;\">2</a>AB";
    assert_eq!(odd.as_str(), written);
    assert_eq!(Template::parse(written, LIMIT).unwrap(), odd);
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    use TemplateProblem as P;
    assert_eq!(problem("ab<font>x</font>"), (3, P::UnknownTag("font".into())));
    assert_eq!(problem("é<b>x"), (2, P::Unclosed("b".into())));
    assert_eq!(problem("<b><i>x</b></i>"), (8, P::Unopened("b".into())));
    assert_eq!(problem("x</b>"), (2, P::Unopened("b".into())));
    assert_eq!(problem("1 < 2"), (3, P::BrokenTag));
    assert_eq!(problem("<b"), (1, P::BrokenTag));
    assert_eq!(problem("2 > 1"), (3, P::BareSign));
    for bad in ["a & b", "&nbsp;", "&#0;", "&#xd800;", "&"] {
        assert_eq!(problem(bad).1, P::BadEntity, "{bad}");
    }
    for bad in ["javascript:alert(1)", "e.org", "https://", "https://e.org/\n"] {
        assert_eq!(problem(&format!("<a href=\"{bad}\">x</a>")).1, P::BadLink(bad.into()), "{bad}");
    }
    for (tag, bad) in [
        ("a", "<a>x</a>"),
        ("a", "<a href=https://e.org>x</a>"),
        ("a", "<a href=\"https://e.org\" onclick=\"x\">x</a>"),
        ("a", "<a href=\"https://e.org/&nbsp;\">x</a>"),
        ("b", "<b class=\"x\">x</b>"),
        ("span", "<span>x</span>"),
        ("span", "<span class=\"red\">x</span>"),
        ("code", "<code class=\"language-c\">x</code>"),
        ("tg-emoji", "<tg-emoji emoji-id=\"x\">x</tg-emoji>"),
    ] {
        assert_eq!(problem(bad).1, P::BadAttribute(tag.into()), "{bad}");
    }
    for (inside, tag, bad) in [
        ("code", "b", "<code><b>x</b></code>"),
        ("pre", "i", "<pre><i>x</i></pre>"),
        ("a", "a", "<a href=\"tg://a\"><b><a href=\"tg://b\">x</a></b></a>"),
        ("blockquote", "blockquote", "<blockquote><blockquote>x</blockquote></blockquote>"),
    ] {
        let nesting = P::Nesting { tag: tag.into(), inside: inside.into() };
        assert_eq!(problem(bad).1, nesting, "{bad}");
    }
}

#[test]
fn the_longest_name_counts_in_every_place() {
    let template = Template::parse("{name}, <b>{name}</b>😀", 132).unwrap();
    assert_eq!((template.names(), template.longest_units()), (2, 132));
    let error = Template::parse("{name}, <b>{name}</b>😀", 131).unwrap_err();
    assert_eq!(error.problem, TemplateProblem::TooLong { longest: 132, limit: 131 });
}

#[test]
fn a_name_is_filled_in_as_words() {
    let template = Template::parse("Dear {name}! <a href=\"https://e.org/{name}\">x</a>", LIMIT);
    let template = template.unwrap();
    assert_eq!(template.names(), 1, "an address has no place for a name");
    let filled = template.fill(" <b>A\u{202e}\u{0}nn\n& \"{name}\" ");
    let expected =
        "Dear &lt;b&gt;Ann &amp; &quot;{name}&quot;! <a href=\"https://e.org/{name}\">x</a>";
    assert_eq!(filled.as_str(), expected);
    let long = template.fill(&"😀".repeat(40));
    assert!(long.as_str().starts_with(&format!("Dear {}! ", "😀".repeat(32))));
}

fn entity(offset: usize, length: usize, kind: EntityKind) -> Entity {
    Entity { offset, length, kind }
}

#[test]
fn marks_become_tags() {
    let marks = [
        entity(0, 9, EntityKind::Bold),
        entity(3, 6, EntityKind::Italic),
        entity(10, 1, EntityKind::Link("https://e.org/?a&b".into())),
        entity(11, 1, EntityKind::Link("javascript:1".into())),
        entity(12, 1, EntityKind::Pre { language: Some("c++".into()) }),
    ];
    let template = Template::from_entities("😀 {name} xyz<", &marks);
    insta::assert_snapshot!(
        template.as_str(),
        @r#"<b>😀 <i>{name}</i></b> <a href="https://e.org/?a&amp;b">x</a>y<pre><code class="language-c++">z</code></pre>&lt;"#
    );
    assert_eq!(template.names(), 1);
}

#[test]
fn marks_that_overlap_are_cut_and_forged_ones_left_out() {
    let marks = [entity(0, 2, EntityKind::Bold), entity(1, 9, EntityKind::Italic)];
    assert_eq!(Template::from_entities("abc", &marks).as_str(), "<b>a<i>b</i></b>c");
    let quotes = [0, 1].map(|at| entity(at, 3 - at, EntityKind::Quote { expandable: false }));
    assert_eq!(Template::from_entities("a&c", &quotes).as_str(), "a&amp;c");
    let beyond = [entity(usize::MAX, usize::MAX, EntityKind::Bold), entity(1, 0, EntityKind::Code)];
    assert_eq!(Template::from_entities("ab", &beyond).as_str(), "ab");
}

/// The tags of a text, in their order.
fn structure(markup: &str) -> Vec<&str> {
    let tags = markup.split('<').skip(1);
    tags.map(|tag| tag.split('>').next().unwrap_or_default()).collect()
}

proptest! {
    #[test]
    fn no_name_changes_the_tags(name in any::<String>()) {
        let source = "<b>{name}</b> {name} <a href=\"https://e.org\">{name}</a>";
        let template = Template::parse(source, LIMIT).unwrap();
        let filled = template.fill(&name);
        prop_assert_eq!(structure(filled.as_str()), structure(source));
        let read = Template::parse(filled.as_str(), template.longest_units());
        prop_assert!(read.is_ok(), "{:?}", read);
    }

    #[test]
    fn any_text_with_any_marks_is_a_template(
        text in any::<String>(),
        marks in proptest::collection::vec((0_usize..40, 0_usize..40, 0_u8..8), 0..8),
    ) {
        let kinds = |kind| match kind {
            0 => EntityKind::Bold,
            1 => EntityKind::Italic,
            2 => EntityKind::Code,
            3 => EntityKind::Pre { language: Some("\"<".to_owned()) },
            4 => EntityKind::Quote { expandable: true },
            5 => EntityKind::Link("https://e.org/\"><b>".to_owned()),
            6 => EntityKind::CustomEmoji("\">".to_owned()),
            _ => EntityKind::Spoiler,
        };
        let marks: Vec<Entity> = marks
            .into_iter()
            .map(|(offset, length, kind)| entity(offset, length, kinds(kind)))
            .collect();
        let template = Template::from_entities(&text, &marks);
        let read = Template::parse(template.as_str(), usize::MAX);
        prop_assert_eq!(read.as_ref(), Ok(&template));
        prop_assert_eq!(template.longest_units() - template.names() * NAME_UNITS
            + template.names() * NAME.len(), utf16_len(&text));
    }

    #[test]
    fn reading_never_panics(html in any::<String>()) {
        let _ = Template::parse(&html, LIMIT);
    }
}
