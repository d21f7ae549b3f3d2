//! Small questions about a line, and about text in a message.

use std::path::Path;

use super::flat::FileId;

/// Where in a file the preprocessor is.
#[derive(Clone, Copy)]
pub(super) struct At<'t> {
    pub(super) text: &'t str,
    pub(super) file: FileId,
    pub(super) line: usize,
    pub(super) line_start: usize,
    /// The directory that includes are relative to; none for a pasted text.
    pub(super) dir: Option<&'t Path>,
}

/// Whether the preprocessor may see more than text in the line. One pass, because nearly all lines are text.
pub(super) fn is_special(line: &str) -> bool {
    let bytes = line.as_bytes();
    bytes.iter().enumerate().any(|(at, byte)| match byte {
        b'<' => {
            let rest = &bytes[at..];
            rest.starts_with(b"<include>")
                || rest.starts_with(b"</include>")
                || rest.starts_with(b"<?")
                || rest.starts_with(b"<!--#")
        }
        b'x' | b'X' => bytes.get(at..at + 13).is_some_and(|word| word.eq_ignore_ascii_case(b"x-pre-process")),
        b'$' => bytes[at..].starts_with(b"$${"),
        _ => false,
    })
}

/// What is lost when a line is dropped: not the marks themselves, and no comments.
pub(super) fn leftover(line: &str) -> String {
    let mut lost = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('<') {
        lost.push_str(&rest[..at]);
        rest = &rest[at..];
        let closed = |close: &str| rest.find(close).map(|end| end + close.len());
        let skipped = if rest.starts_with("<!--") {
            closed("-->")
        } else if rest.starts_with("<?") {
            closed("?>")
        } else {
            ["<include>", "</include>"].iter().find(|mark| rest.starts_with(**mark)).map(|mark| mark.len())
        };
        let Some(length) = skipped else {
            lost.push('<');
            rest = &rest[1..];
            continue;
        };
        rest = &rest[length..];
    }
    lost.push_str(rest);
    lost.trim().to_owned()
}

/// For a message.
pub(super) fn short(text: &str) -> String {
    const LONGEST: usize = 100;
    let text = text.trim();
    let cut: String = text.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if cut.len() < text.len() { cut + "..." } else { cut }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_that_may_hold_more_than_text_are_special() {
        for line in
            ["<include>", "a</include>", "<?xml?>", "<!--#set", "AN x-Pre-Process LINE", "v=\"$${x}\""]
        {
            assert!(is_special(line), "{line}");
        }
        for line in ["", "<include >", "<a>x</a>", "<!-- x -->", "${x} $$", "X-NO-PRE-PROCESS"] {
            assert!(!is_special(line), "{line}");
        }
    }

    #[test]
    fn marks_and_comments_are_no_loss() {
        assert_eq!(leftover(" <include> <!-- x --><?xml version=\"1.0\"?>\r\n"), "");
        assert_eq!(leftover("<!-- --> a <b/></include> <!-- open"), "a <b/> <!-- open");
        assert_eq!(leftover("-->"), "-->");
    }

    #[test]
    fn texts_in_messages_are_short_and_harmless() {
        assert_eq!(short(" a\tb\u{1b}[31m "), "a b [31m");
        assert_eq!(short(&"é".repeat(300)), format!("{}...", "é".repeat(100)));
    }
}
