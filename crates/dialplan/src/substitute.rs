//! Rules 41 and 42: `$1` in the data of an action (`switch_perform_substitution`).

use crate::pattern::Span;
use crate::undecidable::{Known, Why, unknown};
use crate::words::atoi;

/// What a match found, for the actions behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Groups {
    /// The text that was matched.
    pub(crate) subject: Vec<u8>,
    /// Up to the last group that took part.
    pub(crate) spans: Vec<Span>,
}

/// The longest data that comes out, in bytes.
const LONGEST: usize = 4 * 1024 * 1024;

/// So many digits of a number are read.
const DIGITS: usize = 9;

impl Groups {
    /// The text of a group that took part.
    pub(crate) fn text(&self, group: usize) -> Option<&[u8]> {
        let (start, end) = (*self.spans.get(group)?)?;
        self.subject.get(start..end)
    }

    /// Rule 40: those that become a variable. One that took no part is skipped; an empty one deletes what there is, so
    /// only those behind the last empty one are left.
    pub(crate) fn kept(&self) -> impl Iterator<Item = &[u8]> {
        let texts = 0..self.spans.len();
        let empty = texts.clone().rposition(|group| self.text(group).is_some_and(<[u8]>::is_empty));
        texts.skip(empty.map_or(0, |last| last + 1)).filter_map(|group| self.text(group))
    }

    /// How long they are together; none of them is empty.
    pub(crate) fn kept_bytes(&self) -> usize {
        self.kept().map(<[u8]>::len).sum()
    }

    /// Puts the groups into the data of an action.
    pub(crate) fn substitute(&self, data: &[u8]) -> Known<Vec<u8>> {
        // Rule 42.
        let room = (data.len() + self.subject.len() + 10).saturating_mul(self.spans.len()) - 1;
        let at = |place: usize| data.get(place).copied().unwrap_or(0);
        let mut out = Vec::with_capacity(data.len());
        let mut place = 0;
        // Digits stay here when a brace is not closed behind them.
        let mut digits: Vec<u8> = Vec::new();
        while out.len() < room && place < data.len() {
            if at(place) != b'$' {
                out.push(at(place));
                place += 1;
                continue;
            }
            place += 1;
            let braced = at(place) == b'{';
            place += usize::from(braced);
            if !at(place).is_ascii_digit() {
                place -= usize::from(braced);
                out.push(at(place - 1));
                continue;
            }
            while at(place).is_ascii_digit() && digits.len() < DIGITS {
                digits.push(at(place));
                place += 1;
            }
            if braced {
                if at(place) != b'}' {
                    // The switch goes back over as many digits as it holds.
                    let back = place.checked_sub(digits.len() - 1).filter(|back| *back > 0);
                    let Some(back) = back else {
                        return unknown(Why::UndefinedInSwitch("a group in braces that do not close"));
                    };
                    out.push(at(back - 1));
                    place = back;
                    continue;
                }
                place += 1;
            }
            let group = usize::try_from(atoi(&digits)).ok();
            digits.clear();
            let text = group.and_then(|group| self.text(group)).unwrap_or_default();
            out.extend_from_slice(&text[..text.len().min(room - out.len())]);
            if out.len() > LONGEST {
                return unknown(Why::TooMuch("the length of data with its groups"));
            }
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn substituted(data: &str) -> String {
        let groups = Groups {
            subject: b"abc".to_vec(),
            spans: vec![Some((0, 3)), Some((0, 1)), None, Some((3, 3)), Some((1, 3))],
        };
        String::from_utf8(groups.substitute(data.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn rule_41_references() {
        for (data, result) in [
            ("$0-$1-$2-$3-$4-$5", "abc-a---bc-"),
            ("${1}x${4}", "axbc"),
            ("$x$", "$x$"),
            ("${x}", "${x}"),
            ("$$1", "$a"),
            ("\\$1%1", "\\a%1"),
            ("$1234567890", "0"),
            ("${1x}", "1x}"),
            ("${1x}-$2", "1x}-"),
            ("${12x", "12x"),
            ("${1", "1"),
        ] {
            assert_eq!(substituted(data), result, "{data}");
        }
    }

    #[test]
    fn rule_42_the_result_is_cut() {
        let groups = Groups { subject: b"0123456789".to_vec(), spans: vec![Some((0, 10))] };
        assert_eq!(groups.substitute(&b"$0".repeat(100)).map(|out| out.len()), Ok(219));
        assert_eq!(groups.substitute(b"$0").map(|out| out.len()), Ok(10));
    }

    proptest::proptest! {
        #[test]
        fn any_data_is_answered(data in "[$0-9{}x]{0,60}") {
            let groups = Groups { subject: b"abc".to_vec(), spans: vec![Some((0, 3)), Some((0, 1)), None] };
            let _ = groups.substitute(data.as_bytes());
        }
    }
}
