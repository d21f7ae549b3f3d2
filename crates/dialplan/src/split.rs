//! Lists in the data of applications (`switch_separate_string`).

/// So many parts; the last one is the rest.
const MOST: usize = 256;

/// The parts between `separator`, or another one that a `^^` in front names.
pub(crate) fn split(text: &[u8], separator: u8) -> Vec<Vec<u8>> {
    match text {
        [b'^', b'^', separator, rest @ ..] if !rest.is_empty() => parts(rest, *separator),
        _ => parts(text, separator),
    }
}

fn parts(text: &[u8], separator: u8) -> Vec<Vec<u8>> {
    let blank = separator == b' ';
    let mut parts: Vec<&[u8]> = Vec::new();
    let mut start = 0;
    while start < text.len() {
        if parts.len() + 1 == MOST {
            parts.push(&text[start..]);
            break;
        }
        let mut at = start;
        if blank {
            at += text[at..].iter().take_while(|&&byte| byte == b' ').count();
        }
        let mut quoted = false;
        let mut end = None;
        while let Some(&byte) = text.get(at) {
            match byte {
                b'\\' => at += 1,
                b'\'' if blank || quoted || text[at + 1..].contains(&b'\'') => quoted = !quoted,
                _ if byte == separator && !quoted => {
                    end = Some(at);
                    break;
                }
                _ => {}
            }
            at += 1;
        }
        let Some(end) = end else {
            parts.push(&text[start..]);
            break;
        };
        parts.push(&text[start..end]);
        start = end + 1;
        if blank {
            start += text[start..].iter().take_while(|&&byte| byte == b' ').count();
        }
    }
    parts.into_iter().map(|part| clean(part, if blank { 0 } else { separator })).collect()
}

/// Takes quotes, escapes and blanks around a part out.
fn clean(part: &[u8], separator: u8) -> Vec<u8> {
    let first = part.iter().take_while(|&&byte| byte == b' ').count();
    let mut out = Vec::with_capacity(part.len());
    // Behind the last byte that is meant; nothing is cut if there is none.
    let mut end = None;
    let mut quoted = false;
    let mut at = first;
    while let Some(&byte) = part.get(at) {
        let next = part.get(at + 1).copied().unwrap_or(0);
        if byte == b'\\'
            && let Some(escaped) = escaped(next, separator)
        {
            out.push(escaped);
            end = Some(out.len());
            at += 2;
            continue;
        }
        if byte == b'\'' && (quoted || part[at + 1..].contains(&b'\'')) {
            quoted = !quoted;
            if quoted {
                end = Some(out.len());
            }
        } else {
            out.push(byte);
            if byte != b' ' || quoted {
                end = Some(out.len());
            }
        }
        at += 1;
    }
    if let Some(end) = end {
        out.truncate(end);
    }
    out
}

fn escaped(byte: u8, separator: u8) -> Option<u8> {
    match byte {
        b'\'' | b'"' | b'\\' => Some(byte),
        0 => None,
        _ if byte == separator => Some(byte),
        b'n' => Some(b'\n'),
        b'r' => Some(b'\r'),
        b't' => Some(b'\t'),
        b's' => Some(b' '),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, separator: u8) -> Vec<String> {
        split(text.as_bytes(), separator).into_iter().map(|part| String::from_utf8(part).unwrap()).collect()
    }

    #[test]
    fn lists_are_split_as_the_switch_does() {
        assert_eq!(texts("a=1 b=2  c=3 ", b' '), ["a=1", "b=2", "c=3"]);
        assert_eq!(texts("a='1 2' b", b' '), ["a=1 2", "b"]);
        assert_eq!(texts("a=1; b=2 ;;c", b';'), ["a=1", "b=2", "", "c"]);
        assert_eq!(texts("^^:a:b", b' '), ["a", "b"]);
        assert_eq!(texts("a\\;b;c\\sd", b';'), ["a;b", "c d"]);
        assert_eq!(texts("it's;b", b';'), ["it's", "b"]);
        assert!(texts("", b' ').is_empty());
        assert_eq!(texts(&"x ".repeat(300), b' ').len(), 256);
    }

    proptest::proptest! {
        #[test]
        fn any_list_is_split(text in "[a\\\\'^; ns]{0,40}") {
            split(text.as_bytes(), b';');
            split(text.as_bytes(), b' ');
        }
    }
}
