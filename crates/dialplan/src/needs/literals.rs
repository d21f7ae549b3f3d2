//! Literal text without which an expression cannot match, wherever it stands.

use std::mem::take;

/// Texts of which a match holds at least one; the first one is 0 if nothing is needed, and stands in unused places too.
///
/// A text is its last up to eight bytes, the last one of them on top.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Literals([u64; MOST]);

/// As many alternatives are told.
const MOST: usize = 3;
/// Groups are nested no deeper in what is read here.
const DEEPEST: usize = 8;

impl Literals {
    /// Of an expression; nothing is needed if there is anything in it that is not understood here.
    pub(super) fn of(expression: &[u8]) -> Self {
        let mut reader = Reader { expression, at: 0 };
        // Rules 36 and 37: these are something else.
        let known = match expression.first() {
            Some(b'/' | b'_') | None => None,
            Some(_) => reader.alternatives(0).filter(|_| reader.at == expression.len()),
        };
        let known = known.unwrap_or_default();
        let first = known.first().map_or(0, |text| packed(text));
        let mut literals = [first; MOST];
        for (slot, text) in literals.iter_mut().zip(&known) {
            *slot = packed(text);
        }
        Self(literals)
    }

    /// Whether one of them is in a text.
    pub(super) fn are_in(&self, text: &[u8]) -> bool {
        if self.0[0] == 0 {
            return true;
        }
        // No literal has a NUL: what is not there yet is none of it.
        let masks = self.0.map(|literal| u64::MAX << (literal.trailing_zeros() & !7));
        let mut last = 0;
        text.iter().any(|byte| {
            last = last >> 8 | u64::from(*byte) << 56;
            self.0.iter().zip(masks).any(|(literal, mask)| last & mask == *literal)
        })
    }
}

fn packed(text: &[u8]) -> u64 {
    let end = &text[text.len().saturating_sub(8)..];
    end.iter().fold(0, |packed, byte| packed >> 8 | u64::from(*byte) << 56)
}

/// One of these is needed; none: nothing is.
type AnyOf = Vec<Vec<u8>>;

/// What stands between quantifiers.
enum Atom {
    Byte(u8),
    Group(AnyOf),
    /// It is no text that is known.
    Other,
}

/// How often an atom comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Often {
    Once,
    /// At least once.
    More,
    /// Perhaps not at all.
    Maybe,
}

/// Reads an expression; none means that there is something in it that is not understood.
struct Reader<'e> {
    expression: &'e [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.expression.get(self.at).copied()
    }

    /// Up to the end, or to the parenthesis that closes the group.
    fn alternatives(&mut self, depth: usize) -> Option<AnyOf> {
        if depth > DEEPEST {
            return None;
        }
        let (mut all, mut every) = (AnyOf::new(), true);
        loop {
            let one = self.sequence(depth)?;
            every &= !one.is_empty();
            all.extend(one);
            if self.peek() != Some(b'|') {
                break;
            }
            self.at += 1;
        }
        if !every || all.len() > MOST {
            all.clear();
        }
        Some(all)
    }

    fn sequence(&mut self, depth: usize) -> Option<AnyOf> {
        let (mut best, mut run) = (AnyOf::new(), Vec::new());
        while self.peek().is_some_and(|byte| !matches!(byte, b'|' | b')')) {
            let atom = self.atom(depth)?;
            let often = self.quantifier()?;
            if let Atom::Byte(byte) = atom
                && often != Often::Maybe
            {
                run.push(byte);
                if often == Often::Once {
                    continue;
                }
            }
            keep(&mut best, vec![take(&mut run)]);
            if let Atom::Group(group) = atom
                && often != Often::Maybe
            {
                keep(&mut best, group);
            }
        }
        keep(&mut best, vec![run]);
        Some(best)
    }

    fn atom(&mut self, depth: usize) -> Option<Atom> {
        let byte = self.peek()?;
        self.at += 1;
        let rest = &self.expression[self.at..];
        match byte {
            b'(' => {
                match rest {
                    [b'?', b':', ..] => self.at += 2,
                    [b'?' | b'*', ..] => return None,
                    _ => {}
                }
                let group = self.alternatives(depth + 1)?;
                self.at += 1;
                (self.expression.get(self.at - 1) == Some(&b')')).then_some(Atom::Group(group))
            }
            b'[' => self.class().map(|()| Atom::Other),
            b'\\' => {
                let escaped = *rest.first()?;
                self.at += 1;
                match escaped {
                    b'd' | b'D' | b'w' | b'W' | b's' | b'S' | b'b' | b'B' => Some(Atom::Other),
                    _ if escaped.is_ascii_punctuation() => Some(Atom::Byte(escaped)),
                    _ => None,
                }
            }
            // A quantifier of a quantifier, or a brace that is text.
            b'?' | b'*' | b'+' | b'{' => None,
            b'@' | b':' | b'-' | b'_' | b'/' | b'=' => Some(Atom::Byte(byte)),
            _ if byte.is_ascii_alphanumeric() => Some(Atom::Byte(byte)),
            _ => Some(Atom::Other),
        }
    }

    /// To the end of a class.
    fn class(&mut self) -> Option<()> {
        self.at += usize::from(self.peek() == Some(b'^'));
        // The first one does not close it.
        self.at += usize::from(self.peek() == Some(b']'));
        loop {
            match self.peek()? {
                b']' => break,
                b'[' => return None,
                b'\\' => {
                    let escaped = *self.expression.get(self.at + 1)?;
                    if matches!(escaped, b'Q' | b'E' | b'c') {
                        return None;
                    }
                    self.at += 2;
                }
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(())
    }

    fn quantifier(&mut self) -> Option<Often> {
        let often = match self.peek() {
            Some(b'?' | b'*') => Often::Maybe,
            Some(b'+') => Often::More,
            Some(b'{') => {
                let inside = self.expression[self.at + 1..].split(|byte| *byte == b'}').next()?;
                if !inside.iter().all(|byte| matches!(byte, b'0'..=b'9' | b',')) {
                    return None;
                }
                self.at += inside.len() + 1;
                Often::Maybe
            }
            _ => return Some(Often::Once),
        };
        self.at += 1;
        // Lazy, or possessive.
        self.at += usize::from(matches!(self.peek(), Some(b'?' | b'+')));
        Some(often)
    }
}

/// The one of which less is found by accident.
fn keep(best: &mut AnyOf, found: AnyOf) {
    let worth = |any: &AnyOf| {
        let shortest = any.iter().map(|text| text.len().min(8)).min().unwrap_or(0);
        (shortest, MOST.saturating_sub(any.len()))
    };
    if worth(&found).0 > 0 && worth(&found) >= worth(best) {
        *best = found;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_only_what_is_plain() {
        let needed = |expression: &str| {
            let mut reader = Reader { expression: expression.as_bytes(), at: 0 };
            let any = reader.alternatives(0).filter(|_| reader.at == expression.len()).unwrap_or_default();
            any.iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect::<Vec<_>>().join("|")
        };
        for (expression, expected) in [
            ("^(?:\\+?49|0)?(?:30|40)?(550001)(?:\\d{0,2})$", "550001"),
            ("^(?:sip:)?(?:9[0-9]{2}0001|anonymous1)(?:@[a-z.]+)?$", "0001|anonymous1"),
            ("5000", "5000"),
            ("^12?34", "34"),
            ("^12+3", "12"),
            ("^12{0,1}3", "3"),
            ("^(12)+3", "12"),
            ("^(12){2}3", "3"),
            ("\\*98\\.$", "*98."),
            ("12|3", "12|3"),
            ("12|3|", ""),
            ("1|2|3|4", ""),
            ("(1|2|3|4)5", "5"),
            ("[]1]2", "2"),
            ("[^\\]1]2", "2"),
            // Not understood.
            ("(?i)ab", ""),
            ("(*UTF)ab", ""),
            ("\\Qab", ""),
            ("ab\\E", ""),
            ("ab\\1", ""),
            ("ab+{0}", ""),
            ("ab{x}", ""),
            ("[[:alpha:]]ab", ""),
            ("[\\Q]]ab", ""),
            ("ab)", ""),
            ("(ab", ""),
        ] {
            assert_eq!(needed(expression), expected, "{expression}");
        }
    }

    #[test]
    fn they_are_found_wherever_they_stand() {
        let are_in =
            |expression: &str, text: &str| Literals::of(expression.as_bytes()).are_in(text.as_bytes());
        assert!(are_in("50(12)", "012") && are_in("12", "12") && are_in("12", "112"));
        assert!(!are_in("12", "") && !are_in("12", "1") && !are_in("12", "21"));
        assert!(are_in("1|2|3", "03") && !are_in("1|2|3", "04"));
        assert!(are_in("^1234567890$", "1234567890") && are_in("^1234567890$", "34567890"));
        assert!(are_in("/^5$/", "") && are_in("_5", "") && are_in("", ""));
    }
}
