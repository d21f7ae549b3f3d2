//! The form that mod_xml_curl posts for a call.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::DateTime;
use percent_encoding::percent_decode_str;

use crate::call::{Call, OtherLeg};
use crate::profile::{Profile, ProfileField};
use crate::time::ProcessZone;

/// FreeSWITCH sends some 150 fields with a call, more with many channel variables.
const MOST_FIELDS: usize = 20_000;

/// Why a form is no call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadForm {
    /// More fields than any call has.
    #[error("the form has more than {MOST_FIELDS} fields")]
    TooMany,
    /// The moment cannot be read.
    #[error("the form has no Event-Date-Timestamp that can be read")]
    NoMoment,
}

impl Call {
    /// The call that a form asks for: the caller profile of its `Hunt-` fields, the channel variables, the moment, and
    /// of the process's time zone the offset at that moment. Global variables and `timezones.conf` are not in it.
    ///
    /// Names and values are as they were sent, still encoded. Where a name comes twice the last one counts: what a
    /// caller can slip in stands before it.
    ///
    /// # Errors
    /// A form that cannot come from mod_dialplan_xml.
    pub fn from_form<'f>(fields: impl IntoIterator<Item = (&'f str, &'f str)>) -> Result<Self, BadForm> {
        let mut call = Self::new("", "");
        call.profile = Profile::default();
        let mut other = Profile::default();
        let (mut other_type, mut moment, mut local) = (None, None, None);
        for (number, (name, value)) in fields.into_iter().enumerate() {
            if number >= MOST_FIELDS {
                return Err(BadForm::TooMany);
            }
            if call.ambiguous.is_none()
                && value.contains('%')
                && (name.starts_with("variable_") || name.starts_with("Hunt-"))
                && (is_encoded_twice(value) || may_expand(value))
            {
                call.ambiguous = Some(name.to_owned());
            }
            let value = || decoded(value);
            if let Some(name) = name.strip_prefix("variable_") {
                call.variables.set(decoded(name), value());
            } else if let Some(field) = name.strip_prefix("Hunt-").and_then(Profile::field_of) {
                call.profile.set(field, value());
            } else if let Some(field) = name.strip_prefix("Other-Leg-").and_then(Profile::field_of) {
                other.set(field, value());
            } else {
                match name {
                    "Other-Type" => other_type = Some(value()),
                    "Event-Date-Timestamp" => moment = Some(value()),
                    "Event-Date-Local" => local = Some(value()),
                    _ => {}
                }
            }
        }
        let moment = moment.and_then(|text| text_of(&text)?.parse().ok());
        call.at =
            moment.and_then(|micros| Timestamp::from_microsecond(micros).ok()).ok_or(BadForm::NoMoment)?;
        if let Some(offset) = local.and_then(|text| offset(text_of(&text)?, call.at)) {
            call.zone = ProcessZone::Offset(offset);
        }
        // One of them is sent; whether there is the other one is not known then.
        match other_type.as_deref() {
            Some(b"originator") => {
                (call.originator, call.originatee) = (OtherLeg::Is(Box::new(other)), OtherLeg::Unknown);
            }
            Some(b"originatee") => {
                (call.originator, call.originatee) = (OtherLeg::Unknown, OtherLeg::Is(Box::new(other)));
            }
            Some(_) => (call.originator, call.originatee) = (OtherLeg::Unknown, OtherLeg::Unknown),
            None => {}
        }
        Ok(call)
    }

    /// [`Call::from_form`] of the whole body.
    ///
    /// # Errors
    /// As there.
    pub fn from_body(body: &str) -> Result<Self, BadForm> {
        Self::from_form(body.split('&').filter_map(|field| field.split_once('=')))
    }

    /// The number that is called.
    pub fn destination(&self) -> String {
        self.profile.get(ProfileField::DestinationNumber).map(ToString::to_string).unwrap_or_default()
    }
}

fn decoded(text: &str) -> Vec<u8> {
    // Most have nothing to decode.
    Cow::from(percent_decode_str(text)).into_owned()
}

/// What the switch encodes, beside all that is not printable ASCII (`SWITCH_URL_UNSAFE` in switch_utils.h).
const ENCODED: &[u8] = b"\r\n #%&+:;<=>?@[\\]^`{|}\"";

/// Whether a value holds something encoded that the switch itself would not have encoded: then it was a part of the
/// value, which the switch sends as it is (`switch_url_encode`), and so may be any other.
fn is_encoded_twice(value: &str) -> bool {
    let digit = |byte: &u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    };
    value.as_bytes().windows(3).any(|window| match window {
        [b'%', high, low] => match (digit(high), digit(low)) {
            (Some(high), Some(low)) => {
                let byte = high << 4 | low;
                matches!(byte, 0x20..0x7f) && !ENCODED.contains(&byte)
            }
            _ => false,
        },
        _ => false,
    })
}

/// Whether a value is something that expands only if it was the switch that encoded it: whoever calls could have written
/// the code itself, which the switch would take for text.
fn may_expand(value: &str) -> bool {
    value.contains('$') && ["%7B", "%5C"].iter().any(|code| value.contains(code))
}

fn text_of(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// Seconds between the local time that was sent and the moment; quarters of an hour, because the two were not taken
/// at quite the same time.
fn offset(local: &str, moment: Timestamp) -> Option<i32> {
    const QUARTER: i64 = 900;
    let local: DateTime = local.parse().ok()?;
    let local = local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    let seconds = local.as_second() - moment.as_second();
    let quarters = (seconds + QUARTER / 2).div_euclid(QUARTER);
    i32::try_from(quarters * QUARTER).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_a_call() {
        let call = Call::from_body(
            "section=dialplan&Event-Date-Local=2026-07-01%2002%3A00%3A00&Event-Date-Timestamp=1782864000000000\
             &Hunt-Destination-Number=5&Hunt-Destination-Number=%2B50&variable_a=ARRAY::x|:y&variable_b=%C3&Hunt-X=1\
             &Other-Type=originator&Other-Leg-ANI=7",
        )
        .unwrap();
        assert_eq!(call.destination(), "+50");
        assert_eq!(call.variables.elements("A").len(), 2);
        assert_eq!(call.variables.get("b").unwrap().as_bytes(), [0xc3]);
        assert!(matches!(call.zone, ProcessZone::Offset(7200)));
        assert!(matches!(&call.originator, OtherLeg::Is(leg) if leg.get(ProfileField::Ani).is_some()));
        assert_eq!(call.originatee, OtherLeg::Unknown);
        assert_eq!(Call::from_body("a=b").err(), Some(BadForm::NoMoment));
    }

    #[test]
    fn what_was_encoded_before_the_switch_sent_it_is_noticed() {
        let ambiguous = |fields: &str| {
            let call = Call::from_body(&format!("Event-Date-Timestamp=1&{fields}")).unwrap();
            call.ambiguous
        };
        assert_eq!(ambiguous("variable_a=%20%7B%40%25&Hunt-ANI=a%2Bb&Event-Name=%41"), None);
        assert_eq!(ambiguous("variable_a=%20%24%24%7B"), Some("variable_a".to_owned()));
        assert_eq!(ambiguous("Hunt-ANI=%41"), Some("Hunt-ANI".to_owned()));
        assert_eq!(ambiguous("Hunt-ANI=$%7Bx%7D"), Some("Hunt-ANI".to_owned()));
        assert_eq!(ambiguous("Hunt-ANI=%4&variable_b=%2x&variable_c=%"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_body_is_answered(body in "[a-zA-Z_=&%0-9|:-]{0,80}") {
            let _ = Call::from_body(&body);
            let _ = Call::from_body(&format!("Event-Date-Timestamp=1&variable_{body}&Event-Date-Local={body}"));
        }
    }
}
