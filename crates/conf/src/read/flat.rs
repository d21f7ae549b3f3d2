//! The text that the preprocessor makes of many files, and where each part of it came from.

use std::path::{Path, PathBuf};

use custompbx_model::xml::line_and_column;

use crate::report::Place;

/// The number of a file in [`Files`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileId(u32);

/// The names of the files, as they are shown.
#[derive(Debug, Default)]
pub(super) struct Files(Vec<PathBuf>);

impl Files {
    pub(super) fn add(&mut self, shown: PathBuf) -> FileId {
        self.0.push(shown);
        FileId(u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX))
    }

    pub(super) fn path(&self, id: FileId) -> &Path {
        self.0.get(id.0 as usize).map_or(Path::new(""), PathBuf::as_path)
    }

    /// A whole line.
    pub(super) fn line(&self, id: FileId, line: usize) -> Place {
        Place::line(self.path(id), line)
    }
}

/// From here on, up to the next piece, the text is a copy of a file.
#[derive(Clone, Copy, Debug)]
struct Piece {
    offset: usize,
    file: FileId,
    line: u32,
    /// Characters of the line that are before it.
    column: u32,
}

/// Lines and columns are counted from the beginning of a piece, and so only that far. In longer lines a column is in
/// bytes.
const LONGEST_PIECE: usize = 16 * 1024;

/// A text made of pieces of files.
#[derive(Debug)]
pub(super) struct Flat {
    text: String,
    pieces: Vec<Piece>,
    /// Where the next byte comes from, if it is a copy without a gap.
    next: Option<(FileId, usize)>,
    /// How far comments were followed, and whether one is open there.
    followed: usize,
    in_comment: bool,
}

impl Flat {
    pub(super) fn new() -> Self {
        Self { text: String::new(), pieces: Vec::new(), next: None, followed: 0, in_comment: false }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Makes room for so much more.
    pub(super) fn reserve(&mut self, bytes: usize) {
        self.text.reserve(bytes);
    }

    /// Appends `part`, which stands at `start` in the file, in line `line` behind the text `before` of that line.
    pub(super) fn copy(&mut self, part: &str, file: FileId, start: usize, line: usize, before: &str) {
        if part.is_empty() {
            return;
        }
        let far = self.pieces.last().is_none_or(|last| self.text.len() - last.offset > LONGEST_PIECE);
        if far || self.next != Some((file, start)) {
            let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
            self.pieces.push(Piece {
                offset: self.text.len(),
                file,
                line: narrow(line),
                column: narrow(if before.len() > LONGEST_PIECE {
                    before.len()
                } else {
                    before.chars().count()
                }),
            });
        }
        self.text.push_str(part);
        self.next = Some((file, start + part.len()));
    }

    /// Appends the value of a variable; places in it are those of the variable.
    pub(super) fn insert(&mut self, value: &str, file: FileId, line: usize, before: &str) {
        // No byte of a file is at this place, so whatever comes next begins a new piece.
        self.copy(value, file, usize::MAX - value.len(), line, before);
        self.next = None;
    }

    /// Where the byte at `offset` came from; at the very end, the place behind the last one.
    pub(super) fn place(&self, offset: usize, files: &Files) -> Option<Place> {
        let offset = offset.min(self.text.len());
        let after = self.pieces.partition_point(|piece| piece.offset <= offset);
        let piece = self.pieces.get(after.checked_sub(1)?)?;
        let (lines, column) = line_and_column(&self.text[piece.offset..], offset - piece.offset);
        let column = if lines == 1 { column + piece.column as usize } else { column };
        Some(Place {
            file: files.path(piece.file).to_owned(),
            line: piece.line as usize + lines - 1,
            column: Some(column),
        })
    }

    /// Whether the end of the text so far is inside of a comment.
    pub(super) fn in_comment(&mut self) -> bool {
        loop {
            let mark = if self.in_comment { "-->" } else { "<!--" };
            match self.text[self.followed..].find(mark) {
                Some(at) => {
                    self.followed += at + mark.len();
                    self.in_comment = !self.in_comment;
                }
                None => {
                    // A mark may be half there.
                    let kept = self.text.len().saturating_sub(mark.len() - 1).max(self.followed);
                    self.followed = self.text.ceil_char_boundary(kept);
                    return self.in_comment;
                }
            }
        }
    }
}

/// The line around `offset`, without its indentation and at most some 120 characters of it.
pub(super) fn shortened(text: &str, offset: usize) -> String {
    const WIDTH: usize = 60;
    let offset = text.floor_char_boundary(offset.min(text.len()));
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let end = text[offset..].find('\n').map_or(text.len(), |at| offset + at);
    let from = text.floor_char_boundary(offset.saturating_sub(WIDTH)).max(start);
    let to = text.ceil_char_boundary(offset.saturating_add(WIDTH).min(text.len())).min(end);
    let cut = |cut: bool| if cut { "..." } else { "" };
    format!("{}{}{}", cut(from > start), text[from..to].trim(), cut(to < end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_files() {
        let mut files = Files::default();
        let (a, b) = (files.add("a".into()), files.add("b".into()));
        let mut flat = Flat::new();
        let source = "<a>\n<gone/>\n<ü/> <x/>\n";
        flat.copy("<a>\n", a, 0, 1, "");
        flat.copy("<b/>\n", b, 0, 1, "");
        flat.copy("<ü/> <x/>\n", a, source.find('ü').unwrap() - 1, 3, "");
        flat.insert("value", a, 4, "12");
        let place = |needle: &str| {
            let place = flat.place(flat.text().find(needle).unwrap(), &files).unwrap();
            (place.file.display().to_string(), place.line, place.column.unwrap())
        };
        assert_eq!(place("<a>"), ("a".into(), 1, 1));
        assert_eq!(place("b/>"), ("b".into(), 1, 2));
        assert_eq!(place("x/>"), ("a".into(), 3, 7));
        assert_eq!(place("value"), ("a".into(), 4, 3));
        assert_eq!(flat.place(9_999, &files).unwrap().line, 4);
        assert!(Flat::new().place(0, &files).is_none());
    }

    #[test]
    fn comments_are_followed_over_pieces() {
        let mut files = Files::default();
        let file = files.add("a".into());
        let mut flat = Flat::new();
        let mut push = |part: &str| {
            flat.copy(part, file, 0, 1, "");
            flat.in_comment()
        };
        assert!(!push("<a>ü<!-"));
        assert!(push("-"));
        assert!(push(" --"));
        assert!(!push("> <!-- x -->"));
        assert!(push("<!---->é<!-- "));
    }

    #[test]
    fn long_lines_are_shortened_around_the_place() {
        assert_eq!(shortened("a\n  <b>\nc", 6), "<b>");
        let long = format!("{}HERE{}", "x".repeat(500), "é".repeat(500));
        let short = shortened(&long, 502);
        assert!(short.contains("HERE") && short.starts_with("...") && short.len() < 200, "{short}");
    }
}
