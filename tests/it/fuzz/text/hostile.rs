//! Texts that somebody might send to break what others see.

use fastrand::Rng;

/// What hostile texts are made of.
const PIECES: [(&str, &[&str]); 11] = [
    (
        "tags",
        &[
            "<b>",
            "</b>",
            "<i>",
            "<a href=\"https://evil.example/\">",
            "</a>",
            "<script>alert(1)</script>",
            "<tg-spoiler>",
            "<pre><code class=\"language-x\">",
            "<blockquote expandable>",
            "<img src=x onerror=y>",
            "<",
            ">",
            "</",
            "<!--",
            "-->",
            "<b",
            "<tg-emoji emoji-id=\"1\">",
            "<span class='tg-spoiler'>",
            "<u><s>",
        ],
    ),
    (
        "entities",
        &[
            "&lt;",
            "&#x3c;",
            "&#60;",
            "&amp;lt;",
            "&",
            "&;",
            "&#",
            "&#x",
            "&#xD800;",
            "&#55296;",
            "&quot;",
            "&gt",
            "&nbsp;",
            "&#0;",
            "&#x110000;",
            "&lt;b&gt;",
        ],
    ),
    (
        "direction",
        &[
            "\u{202e}",
            "\u{202a}",
            "\u{202d}",
            "\u{202c}",
            "\u{2066}",
            "\u{2067}",
            "\u{2068}",
            "\u{2069}",
            "\u{200e}",
            "\u{200f}",
            "\u{61c}",
            "עברית",
            "العربية",
        ],
    ),
    (
        "unseen",
        &[
            "\u{200b}",
            "\u{200c}",
            "\u{200d}",
            "\u{2060}",
            "\u{feff}",
            "\u{ad}",
            "\u{180e}",
            "\u{2800}",
            "\u{3164}",
            "\u{e0001}",
            "\u{fe0f}",
        ],
    ),
    (
        "combining",
        &[
            "a\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
            "\u{489}",
            "\u{20dd}",
            "n\u{303}",
            "\u{1ab0}\u{35c}",
            "ม\u{e39}\u{e49}",
        ],
    ),
    ("beyond the first plane", &["😀", "👨‍👩‍👧‍👦", "🇺🇿", "𝕏", "𐍈", "👍🏿", "\u{10ffff}", "𠜎"]),
    (
        "templates",
        &[
            "{ $x }",
            "{",
            "}",
            "{$name}",
            "{name}",
            "{{",
            "}}",
            "\\{",
            "{ -term }",
            "{ NUMBER($x) }",
            "*[other] x",
            "\u{2068}x\u{2069}",
            "%s",
            "$1",
            "{0}",
            "__proto__",
        ],
    ),
    (
        "markdown",
        &[
            "*b*",
            "__u__",
            "_i_",
            "`c`",
            "```\nx\n```",
            "[t](https://evil.example/)",
            "||s||",
            "~s~",
            "> q",
            "# h",
            "\\*",
        ],
    ),
    (
        "control",
        &[
            "\0",
            "\u{1}",
            "\u{7}",
            "\u{8}",
            "\r",
            "\n",
            "\r\n",
            "\t",
            "\u{1b}[31m",
            "\u{7f}",
            "\u{85}",
            "\u{9b}",
            "\u{2028}",
            "\u{2029}",
        ],
    ),
    (
        "links",
        &[
            "@durov",
            "@all_the_people",
            "/start",
            "/cancel@prime_bot",
            "#tag",
            "#тег",
            "$USD",
            "https://evil.example/x",
            "http://evil.example",
            "t.me/durov",
            "tg://user?id=5",
            "tg://resolve?domain=x",
            "a@evil.example",
            "www.evil.example",
            "ftp://evil.example",
            "evil.com",
            "+998901234567",
            "ton://x",
        ],
    ),
    ("words", &["w", "Grammar", "Грамматика", "o‘zbek", "  ", " ", "unit 5", "\u{a0}", "ß", "İ"]),
];

/// The sorts, for counting.
pub fn sorts() -> impl Iterator<Item = &'static str> {
    PIECES.iter().map(|(sort, _)| *sort)
}

/// A text in which at least one letter is seen, mostly of one sort.
pub fn text(rng: &mut Rng, case: usize) -> String {
    let (_, pieces) = PIECES[case % PIECES.len()];
    let mut text = String::new();
    for _ in 0..rng.usize(1..8) {
        match rng.u8(0..10) {
            0..6 => text.push_str(rng.choice(pieces).unwrap()),
            6 | 7 => {
                let (_, others) = PIECES[rng.usize(..PIECES.len())];
                text.push_str(rng.choice(others).unwrap());
            }
            8 => text.push(rng.char(..)),
            _ => text.push(' '),
        }
    }
    // Whatever is around it: a message without a letter is another question.
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let at = *rng.choice(&places).unwrap();
    text.insert(at, 'w');
    text
}

/// A text that is longer than any message, of one sort or all.
pub fn long_text(rng: &mut Rng, case: usize) -> String {
    let mut text = String::new();
    let length = rng.usize(500..9_000);
    if case.is_multiple_of(2) {
        let (_, pieces) = PIECES[rng.usize(..PIECES.len())];
        let piece = *rng.choice(pieces).unwrap();
        text.push('w');
        while text.len() < length {
            text.push_str(piece);
        }
    } else {
        while text.len() < length {
            text.push_str(&self::text(rng, case));
        }
    }
    text
}
