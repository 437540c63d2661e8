//! Where text is on a page, to tell words and lines apart (ISO 32000-1, 8.3.3, 9.3 and 9.4).

/// A gap wider than this, in font sizes, parts two words. Kerning stays below it, and the spaces
/// of a justified line are seldom narrower.
const WORD_GAP: f32 = 0.17;
/// A step back further than this, in font sizes, is a jump to other text; less is kerning.
const JUMP_BACK: f32 = 0.5;
/// A step across the line further than this, in font sizes, is another line; less is a
/// superscript or a subscript.
const LINE_STEP: f32 = 0.6;
/// Saved graphics states; real pages nest a few.
const MAX_SAVED: usize = 256;

/// An affine map `[a b c d e f]`: x' = ax + cy + e, y' = bx + dy + f.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Matrix(pub(super) [f32; 6]);

impl Matrix {
    const IDENTITY: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    const fn translation(x: f32, y: f32) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y])
    }

    /// First this map, then the other.
    fn then(self, other: Self) -> Self {
        let Self([a1, b1, c1, d1, e1, f1]) = self;
        let Self([a2, b2, c2, d2, e2, f2]) = other;
        Self([
            a1 * a2 + b1 * c2,
            a1 * b2 + b1 * d2,
            c1 * a2 + d1 * c2,
            c1 * b2 + d1 * d2,
            e1 * a2 + f1 * c2 + e2,
            e1 * b2 + f1 * d2 + f2,
        ])
    }
}

/// What lies between the last character shown and the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    None,
    Word,
    Line,
}

/// The text state and the position of the next character.
#[derive(Debug)]
pub(super) struct Pen {
    pub(super) font_size: f32,
    pub(super) char_spacing: f32,
    pub(super) word_spacing: f32,
    pub(super) leading: f32,
    /// Horizontal scaling, 1 for 100 per cent.
    pub(super) stretch: f32,
    text: Matrix,
    line: Matrix,
    page: Matrix,
    saved: Vec<Matrix>,
    /// Where the last string ended, on the page.
    last_end: Option<(f32, f32)>,
}

impl Default for Pen {
    fn default() -> Self {
        Self {
            font_size: 0.0,
            char_spacing: 0.0,
            word_spacing: 0.0,
            leading: 0.0,
            stretch: 1.0,
            text: Matrix::IDENTITY,
            line: Matrix::IDENTITY,
            page: Matrix::IDENTITY,
            saved: Vec::new(),
            last_end: None,
        }
    }
}

impl Pen {
    /// Begins a text object.
    pub(super) fn begin(&mut self) {
        self.place(Matrix::IDENTITY);
    }

    /// Sets the start of the line.
    pub(super) fn place(&mut self, at: Matrix) {
        self.text = at;
        self.line = at;
    }

    /// Moves the start of the line.
    pub(super) fn move_line(&mut self, x: f32, y: f32) {
        self.place(Matrix::translation(x, y).then(self.line));
    }

    /// Moves to the next line.
    pub(super) fn next_line(&mut self) {
        self.move_line(0.0, -self.leading);
    }

    /// Saves the graphics state, as far as it moves text.
    pub(super) fn save(&mut self) {
        if self.saved.len() < MAX_SAVED {
            self.saved.push(self.page);
        }
    }

    /// Restores the graphics state.
    pub(super) fn restore(&mut self) {
        if let Some(page) = self.saved.pop() {
            self.page = page;
        }
    }

    /// Changes the page's coordinates.
    pub(super) fn transform(&mut self, by: Matrix) {
        self.page = by.then(self.page);
    }

    /// Moves back by thousandths of the font size.
    pub(super) fn kern(&mut self, thousandths: f32) {
        self.step(-thousandths / 1000.0 * self.font_size);
    }

    /// Moves past a character of that width, in thousandths of the font size.
    pub(super) fn advance(&mut self, width: f32, is_space: bool) {
        let spacing = self.char_spacing + if is_space { self.word_spacing } else { 0.0 };
        self.step(width / 1000.0 * self.font_size + spacing);
    }

    fn step(&mut self, x: f32) {
        self.text = Matrix::translation(x * self.stretch, 0.0).then(self.text);
    }

    /// Remembers this position as the end of a string.
    pub(super) fn mark(&mut self) {
        let Matrix([.., x, y]) = self.on_page();
        self.last_end = Some((x, y));
    }

    /// What lies between the end of the last string and this position.
    pub(super) fn gap(&self) -> Gap {
        let Some((last_x, last_y)) = self.last_end else {
            return Gap::None;
        };
        let Matrix([a, b, _, _, x, y]) = self.on_page();
        let scale = a.hypot(b);
        let size = (self.font_size * scale).abs();
        let is_sane = size.is_finite() && size > 0.0;
        if !is_sane {
            return Gap::Word;
        }
        let (dx, dy) = (x - last_x, y - last_y);
        let along = (dx * a + dy * b) / scale / size;
        let across = (dy * a - dx * b) / scale / size;
        if across.abs() > LINE_STEP {
            Gap::Line
        } else if (-JUMP_BACK..=WORD_GAP).contains(&along) {
            Gap::None
        } else {
            Gap::Word
        }
    }

    fn on_page(&self) -> Matrix {
        self.text.then(self.page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pen of size 10 that has just shown five characters of half an em at (100, 700).
    fn pen() -> Pen {
        let mut pen = Pen { font_size: 10.0, ..Pen::default() };
        pen.begin();
        pen.move_line(100.0, 700.0);
        for _ in 0..5 {
            pen.advance(500.0, false);
        }
        pen.mark();
        pen
    }

    #[test]
    fn letters_placed_one_by_one_stay_together() {
        let mut pen = pen();
        pen.move_line(25.2, 0.0);
        assert_eq!(pen.gap(), Gap::None);
        pen.move_line(2.0, 0.0);
        assert_eq!(pen.gap(), Gap::Word);
    }

    #[test]
    fn lines_and_superscripts_are_told_apart() {
        let mut pen = pen();
        pen.leading = 12.0;
        pen.move_line(25.0, 4.0);
        assert_eq!(pen.gap(), Gap::None);
        pen.next_line();
        assert_eq!(pen.gap(), Gap::Line);
    }

    #[test]
    fn kerning_is_no_space() {
        let mut pen = pen();
        pen.kern(-120.0);
        assert_eq!(pen.gap(), Gap::None);
        pen.kern(-120.0);
        assert_eq!(pen.gap(), Gap::Word);
    }

    #[test]
    fn scaled_and_turned_pages_make_no_difference() {
        for page in
            [Matrix([0.1, 0.0, 0.0, 0.1, 5.0, 5.0]), Matrix([0.0, 1.0, -1.0, 0.0, 0.0, 0.0])]
        {
            let mut pen = Pen { font_size: 10.0, ..Pen::default() };
            pen.transform(page);
            pen.begin();
            pen.advance(500.0, false);
            pen.mark();
            assert_eq!(pen.gap(), Gap::None, "{page:?}");
            pen.kern(-300.0);
            assert_eq!(pen.gap(), Gap::Word, "{page:?}");
            pen.move_line(0.0, -12.0);
            assert_eq!(pen.gap(), Gap::Line, "{page:?}");
        }
    }

    #[test]
    fn nonsense_numbers_are_survived() {
        let mut pen = pen();
        pen.transform(Matrix([f32::MAX, f32::NAN, f32::INFINITY, 0.0, 0.0, 0.0]));
        assert_eq!(pen.gap(), Gap::Word);
        for _ in 0..MAX_SAVED * 2 {
            pen.save();
        }
        assert_eq!(pen.saved.len(), MAX_SAVED);
    }
}
