//! The form that mod_xml_curl posts.

use std::borrow::Cow;

use custompbx_model::variables::Variables;
use percent_encoding::percent_decode_str;

/// One question of FreeSWITCH.
///
/// mod_xml_curl writes the first five fields (`hostname`, `section`, `tag_name`, `key_name`, `key_value`) as they are,
/// not URL-encoded, and the others behind them, encoded. A `&` in a SIP domain therefore makes new fields out of
/// `key_value`. So of the first five the *first* occurrence counts and of all others the *last*: what a caller can
/// slip in stands between.
#[derive(Debug)]
pub struct Question<'a> {
    fields: Vec<(&'a str, &'a str)>,
}

/// Why a form is no question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadQuestion {
    /// Not text.
    #[error("the form is not UTF-8")]
    NotText,
    /// The field that every question has is missing.
    #[error("the form has no field \"section\"; mod_xml_curl always sends it")]
    NoSection,
    /// More fields than any call has.
    #[error("the form has more than {MOST_FIELDS} fields")]
    TooMany,
}

/// FreeSWITCH sends some 150 fields with a call, more with many channel variables.
const MOST_FIELDS: usize = 20_000;

/// The fields that mod_xml_curl itself writes, before those of the caller of the look-up.
const HEAD: &[&str] = &["hostname", "section", "tag_name", "key_name", "key_value"];

impl<'a> Question<'a> {
    /// Reads the body of a POST, or the query of a GET.
    ///
    /// # Errors
    /// A form that cannot come from mod_xml_curl.
    pub fn parse(form: &'a [u8]) -> Result<Self, BadQuestion> {
        let form = std::str::from_utf8(form).map_err(|_| BadQuestion::NotText)?;
        // A registration has some 45 fields.
        let mut fields = Vec::with_capacity(64);
        fields.extend(form.split('&').filter_map(|field| field.split_once('=')).take(MOST_FIELDS + 1));
        if fields.len() > MOST_FIELDS {
            return Err(BadQuestion::TooMany);
        }
        let question = Self { fields };
        match question.get("section") {
            Some(section) if !section.is_empty() => Ok(question),
            _ => Err(BadQuestion::NoSection),
        }
    }

    /// All fields in their order, as they were sent.
    pub fn fields(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.fields.iter().copied()
    }

    /// The value of a field, decoded. Bytes that are not UTF-8 come out as U+FFFD: they match nothing.
    pub fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        let head = HEAD.contains(&name);
        let mut named = self.fields.iter().filter(|(key, _)| *key == name).map(|(_, value)| *value);
        let value = if head { named.next()? } else { named.next_back()? };
        Some(if head && !value.contains('%') {
            Cow::Borrowed(value)
        } else {
            percent_decode_str(value).decode_utf8_lossy()
        })
    }

    /// [`Question::get`], and `None` for an empty value too.
    pub fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Which part of the tree it is about.
    pub fn section(&self) -> Cow<'a, str> {
        self.get("section").unwrap_or_default()
    }

    /// The switch that asks.
    pub fn hostname(&self) -> Cow<'a, str> {
        self.get("hostname").unwrap_or_default()
    }

    /// Whether this may be about the authentication of a SIP request.
    ///
    /// With mod_xml_curl's `enable-post-var` the fields that would say so are not sent; then it may be.
    pub fn may_be_sip_auth(&self) -> bool {
        match self.text("action") {
            Some(action) => action == "sip_auth",
            None => self.get("Event-Name").is_none(),
        }
    }

    /// What the asking switch says about itself, for names that hold variables only it knows.
    pub fn switch_variables(&self) -> Variables {
        let mut variables = Variables::default();
        for (field, variable) in [
            ("FreeSWITCH-IPv4", "local_ip_v4"),
            ("FreeSWITCH-IPv6", "local_ip_v6"),
            ("FreeSWITCH-Hostname", "hostname"),
            ("FreeSWITCH-Switchname", "switchname"),
            ("Core-UUID", "core_uuid"),
        ] {
            if let Some(value) = self.text(field) {
                variables.set(variable, value.into_owned());
            }
        }
        variables
    }

    /// A few words that tell this question from others in a log.
    pub fn describe(&self) -> String {
        let mut words = self.section().into_owned();
        for name in ["key_value", "action", "purpose", "user", "domain", "group_name", "Hunt-Context", "lang"]
        {
            if let Some(value) = self.text(name) {
                let value: String = value.chars().filter(|c| !c.is_control()).take(80).collect();
                words.push_str(&format!(" {name}={value}"));
            }
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(form: &str) -> Question<'_> {
        Question::parse(form.as_bytes()).unwrap()
    }

    #[test]
    fn fields_are_decoded_and_the_first_five_may_be_raw() {
        let question = parse(
            "hostname=fs1&section=directory&tag_name=domain&key_value=a b&sip_auth_uri=sip%3Aa&n=x%20y,z",
        );
        assert_eq!(question.section(), "directory");
        assert_eq!(question.get("key_value").unwrap(), "a b");
        assert_eq!(question.get("sip_auth_uri").unwrap(), "sip:a");
        assert_eq!(question.get("n").unwrap(), "x y,z");
        assert_eq!(question.get("missing"), None);
    }

    /// A SIP domain with `&` in it must not change what is asked.
    #[test]
    fn fields_slipped_in_by_a_caller_do_not_count() {
        let question = parse(
            "hostname=fs1&section=directory&tag_name=domain&key_name=name&key_value=x&section=configuration&hostname=fs2\
             &action=user_call&user=1001&Event-Name=R&action=sip_auth&user=1000",
        );
        assert_eq!(question.section(), "directory");
        assert_eq!(question.hostname(), "fs1");
        assert_eq!(question.get("user").unwrap(), "1000");
        assert!(question.may_be_sip_auth());
    }

    #[test]
    fn without_the_fields_that_say_it_a_question_may_be_sip_auth() {
        assert!(parse("section=directory&user=1000").may_be_sip_auth());
        assert!(!parse("section=directory&user=1000&Event-Name=GENERAL").may_be_sip_auth());
        assert!(!parse("section=directory&user=1000&Event-Name=GENERAL&action=user_call").may_be_sip_auth());
    }

    #[test]
    fn forms_that_are_no_questions() {
        assert_eq!(Question::parse(b"").unwrap_err(), BadQuestion::NoSection);
        assert_eq!(Question::parse(b"{\"section\":\"directory\"}").unwrap_err(), BadQuestion::NoSection);
        assert_eq!(Question::parse(b"section=").unwrap_err(), BadQuestion::NoSection);
        assert_eq!(Question::parse(b"section=\xff").unwrap_err(), BadQuestion::NotText);
        assert_eq!(Question::parse("a=b&".repeat(20_001).as_bytes()).unwrap_err(), BadQuestion::TooMany);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_answered(form in proptest::collection::vec(0_u8.., 0..200)) {
            if let Ok(question) = Question::parse(&form) {
                let _ = (question.describe(), question.may_be_sip_auth());
            }
        }
    }
}
