//! Numbers and words as C's library and the switch read them.

/// Whether two words are the same without regard to the case of ASCII letters (`strcasecmp`).
pub(crate) fn same_word(a: &[u8], b: &[u8]) -> bool {
    a.eq_ignore_ascii_case(b)
}

/// `isspace` in the C locale.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | 0x09..=0x0d)
}

/// `strtol` in base ten: the number, and how many bytes were read; none if there is no number.
pub(crate) fn strtol(text: &[u8]) -> (i64, usize) {
    let mut at = text.iter().take_while(|&&byte| is_space(byte)).count();
    let negative = text.get(at) == Some(&b'-');
    if matches!(text.get(at), Some(b'-' | b'+')) {
        at += 1;
    }
    let digits = text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return (0, 0);
    }
    let mut number = 0_i64;
    for &digit in &text[at..at + digits] {
        let digit = i64::from(digit - b'0');
        number = number.saturating_mul(10);
        number = if negative { number.saturating_sub(digit) } else { number.saturating_add(digit) };
    }
    (number, at + digits)
}

/// `atoi`: what does not fit is cut, as on every machine the switch runs on.
pub(crate) fn atoi(text: &[u8]) -> i32 {
    as_int(strtol(text).0)
}

/// A C `long` put into an `int`.
#[expect(clippy::cast_possible_truncation, reason = "C cuts the number here")]
pub(crate) fn as_int(number: i64) -> i32 {
    number as i32
}

/// `switch_is_number`: an optional sign, then digits and dots only. Nothing at all is a number too.
pub(crate) fn is_number(text: &[u8]) -> bool {
    let rest = match text {
        [b'-' | b'+', rest @ ..] => rest,
        _ => text,
    };
    rest.iter().all(|&byte| byte == b'.' || byte.is_ascii_digit())
}

/// Rule 6: the true words.
pub(crate) fn is_true(text: &[u8]) -> bool {
    const TRUE: [&str; 7] = ["yes", "on", "true", "t", "enabled", "active", "allow"];
    TRUE.iter().any(|word| same_word(word.as_bytes(), text)) || (is_number(text) && atoi(text) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_in_c() {
        assert_eq!(strtol(b" \t-12x"), (-12, 5));
        assert_eq!(strtol(b"- 1"), (0, 0));
        assert_eq!(strtol(b"99999999999999999999"), (i64::MAX, 20));
        assert_eq!((atoi(b"+7,"), atoi(b""), atoi(b"4294967297")), (7, 0, 1));
    }

    #[test]
    fn rule_06_true_words() {
        for word in ["yes", "ON", "True", "t", "enabled", "active", "allow", "1.5", "-1", "+1", "2"] {
            assert!(is_true(word.as_bytes()), "{word}");
        }
        for word in ["", "y", "no", "false", "0", "0.9", "1x", "truee", " true"] {
            assert!(!is_true(word.as_bytes()), "{word}");
        }
    }
}
