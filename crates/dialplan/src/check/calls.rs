//! What a text asks for when it is expanded.

use crate::expand::{argument_of, braced, split_call};

/// Something in `${}`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reference<'t> {
    /// A variable; the name may have a variable in it.
    Variable(&'t [u8]),
    /// An API call; name and argument may have variables in them.
    Call(&'t [u8], &'t [u8]),
}

/// Texts nest no deeper than this in each other.
const DEEPEST: usize = 100;

/// Everything in `${}` in a text, and in what stands there. It may be more than the switch finds: a backslash before a
/// `$` does not count.
pub(super) fn references<'t>(text: &'t [u8], visit: &mut impl FnMut(Reference<'t>)) {
    below(text, 0, visit);
}

fn below<'t>(text: &'t [u8], depth: usize, visit: &mut impl FnMut(Reference<'t>)) {
    let mut place = 0;
    while depth < DEEPEST && place + 1 < text.len() {
        if !text[place..].starts_with(b"${") {
            place += 1;
            continue;
        }
        let (inner, open, behind) = braced(text, place + 2);
        match split_call(inner) {
            Some(at) => {
                let (name, argument) = (&inner[..at], argument_of(inner, at, open));
                visit(Reference::Call(name, argument));
                below(name, depth + 1, visit);
                below(argument, depth + 1, visit);
            }
            None => {
                visit(Reference::Variable(inner));
                below(inner, depth + 1, visit);
            }
        }
        place = behind;
    }
}
