//! The text of one PDF page, in the order of its content stream.
//!
//! lopdf's own `extract_text` walks the page tree anew for every page, knows no positions (the
//! last word of a line grows together with the first of the next, and letters that are placed one
//! by one come apart) and prefers a font's `Encoding` to its `ToUnicode` map. Reading fonts and
//! the stream is lopdf's here too; the walk over the operators (ISO 32000-1, 9.3 and 9.4) is ours.
//!
//! Known and accepted: no text from form objects and from CID fonts without a `ToUnicode` map;
//! columns come in the order in which the program wrote them.

use lopdf::content::{Content, Operation};
use lopdf::{Document, Error, Object, ObjectId};

use super::font::{Font, FontSource};
use super::pen::{Gap, Matrix, Pen};

/// The raw text of a page: words parted by spaces, lines by line feeds. Stops after
/// `max_text_bytes` or a little more; no stream may unpack to more than `max_unpacked_bytes`.
///
/// # Errors
/// The page or its content cannot be read, or unpacks to too much.
pub(super) fn of_page(
    document: &Document,
    page: ObjectId,
    max_unpacked_bytes: usize,
    max_text_bytes: usize,
) -> Result<String, Error> {
    let sources = FontSource::of_page(document, page)?;
    let mut fonts = Vec::new();
    for source in &sources {
        fonts.push(Font::read(source, document, max_unpacked_bytes)?);
    }
    let content = document.get_page_content_with_limit(page, max_unpacked_bytes)?;

    let mut writer = Writer { fonts: &fonts, font: None, pen: Pen::default(), text: String::new() };
    for operation in Content::decode_iter(&content) {
        // What was read before the damage is kept.
        let Ok(operation) = operation else { break };
        writer.apply(&operation);
        if writer.text.len() > max_text_bytes {
            break;
        }
    }
    Ok(writer.text)
}

/// Writes down what the operators show.
struct Writer<'a> {
    fonts: &'a [Font<'a>],
    font: Option<&'a Font<'a>>,
    pen: Pen,
    text: String,
}

impl Writer<'_> {
    fn apply(&mut self, operation: &Operation) {
        let operands = operation.operands.as_slice();
        match (operation.operator.as_str(), operands) {
            ("Tf", [Object::Name(name), size]) => {
                self.font = self.fonts.iter().find(|font| font.name() == name);
                self.pen.font_size = number(size);
            }
            ("Tj", [shown]) => self.show(shown),
            ("TJ", [Object::Array(shown)]) => shown.iter().for_each(|it| self.show(it)),
            ("'", [shown]) => {
                self.pen.next_line();
                self.show(shown);
            }
            ("\"", [word_spacing, char_spacing, shown]) => {
                self.pen.word_spacing = number(word_spacing);
                self.pen.char_spacing = number(char_spacing);
                self.pen.next_line();
                self.show(shown);
            }
            ("BT", _) => self.pen.begin(),
            ("T*", _) => self.pen.next_line(),
            ("Td", [x, y]) => self.pen.move_line(number(x), number(y)),
            ("TD", [x, y]) => {
                self.pen.leading = -number(y);
                self.pen.move_line(number(x), number(y));
            }
            ("Tm", elements) => self.pen.place(matrix(elements)),
            ("TL", [leading]) => self.pen.leading = number(leading),
            ("Tc", [spacing]) => self.pen.char_spacing = number(spacing),
            ("Tw", [spacing]) => self.pen.word_spacing = number(spacing),
            ("Tz", [percent]) => self.pen.stretch = number(percent) / 100.0,
            ("q", _) => self.pen.save(),
            ("Q", _) => self.pen.restore(),
            ("cm", elements) => self.pen.transform(matrix(elements)),
            _ => {}
        }
    }

    /// Shows a string, or moves by the number between two strings of a `TJ`.
    fn show(&mut self, shown: &Object) {
        let Object::String(bytes, _) = shown else {
            self.pen.kern(number(shown));
            return;
        };
        let Some(font) = self.font else { return };
        match self.pen.gap() {
            Gap::None => {}
            Gap::Word => self.text.push(' '),
            Gap::Line => self.text.push('\n'),
        }
        for code in font.codes(bytes) {
            font.decode(code, &mut self.text);
            self.pen.advance(font.width(code), code == b" ");
        }
        self.pen.mark();
    }
}

fn number(object: &Object) -> f32 {
    object.as_float().unwrap_or_default()
}

/// The matrix of six operands; what is missing counts as zero.
fn matrix(operands: &[Object]) -> Matrix {
    let mut elements = [0.0; 6];
    for (element, operand) in elements.iter_mut().zip(operands) {
        *element = number(operand);
    }
    Matrix(elements)
}
