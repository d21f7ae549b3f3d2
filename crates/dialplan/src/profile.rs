//! The caller profile: what a condition's field names when there is no `$` in it.

use crate::value::Value;
use crate::words::{atoi, same_word};

macro_rules! profile_fields {
    ($($field:ident, $name:literal, $header:literal, $default:literal;)*) => {
        /// A field of the caller profile (rule 28).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ProfileField {
            $(
                #[doc = concat!("`", $name, "`")]
                $field,
            )*
        }

        impl ProfileField {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$field),*];

            /// The name, as a condition has it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$field => $name),* }
            }

            /// What comes behind the prefix (`Hunt-`) in the name of the form's field; empty if it is not sent.
            fn header(self) -> &'static str {
                match self { $(Self::$field => $header),* }
            }

            /// What it is when nothing is known of it.
            fn default(self) -> &'static str {
                match self { $(Self::$field => $default),* }
            }
        }
    };
}

// Rule 28. What has no header is not sent; it has its default unless a driver sets it.
profile_fields! {
    Dialplan, "dialplan", "Dialplan", "";
    Username, "username", "Username", "";
    CallerIdName, "caller_id_name", "Caller-ID-Name", "";
    CallerIdNumber, "caller_id_number", "Caller-ID-Number", "";
    OrigCallerIdName, "orig_caller_id_name", "Orig-Caller-ID-Name", "";
    OrigCallerIdNumber, "orig_caller_id_number", "Orig-Caller-ID-Number", "";
    CalleeIdName, "callee_id_name", "Callee-ID-Name", "";
    CalleeIdNumber, "callee_id_number", "Callee-ID-Number", "";
    Ani, "ani", "ANI", "";
    Aniii, "aniii", "ANI-II", "";
    NetworkAddr, "network_addr", "Network-Addr", "";
    Rdnis, "rdnis", "RDNIS", "";
    DestinationNumber, "destination_number", "Destination-Number", "";
    Uuid, "uuid", "Unique-ID", "";
    Source, "source", "Source", "";
    TransferSource, "transfer_source", "Transfer-Source", "";
    Context, "context", "Context", "";
    ChanName, "chan_name", "Channel-Name", "";
    ProfileIndex, "profile_index", "Profile-Index", "";
    CallerTon, "caller_ton", "", "255";
    CallerNumplan, "caller_numplan", "", "255";
    DestinationNumberTon, "destination_number_ton", "", "255";
    DestinationNumberNumplan, "destination_number_numplan", "", "255";
    AniTon, "ani_ton", "", "255";
    AniNumplan, "ani_numplan", "", "255";
    RdnisTon, "rdnis_ton", "", "255";
    RdnisNumplan, "rdnis_numplan", "", "255";
    ScreenBit, "screen_bit", "Screen-Bit", "false";
    PrivacyHideName, "privacy_hide_name", "Privacy-Hide-Name", "false";
    PrivacyHideNumber, "privacy_hide_number", "Privacy-Hide-Number", "false";
    ProfileCreatedTime, "profile_created_time", "Profile-Created-Time", "0";
    CreatedTime, "created_time", "Channel-Created-Time", "0";
    AnsweredTime, "answered_time", "Channel-Answered-Time", "0";
    ProgressTime, "progress_time", "Channel-Progress-Time", "0";
    ProgressMediaTime, "progress_media_time", "Channel-Progress-Media-Time", "0";
    HungupTime, "hungup_time", "Channel-Hangup-Time", "0";
    TransferredTime, "transferred_time", "Channel-Transfer-Time", "0";
}

impl ProfileField {
    /// The field of this name, without regard to case.
    pub fn named(name: &[u8]) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| same_word(field.name().as_bytes(), name))
    }

    /// Whether `set_profile_var` changes it; what it is given under any other name is kept where no condition looks.
    fn is_settable(self) -> bool {
        use ProfileField as F;
        matches!(
            self,
            F::Dialplan
                | F::Username
                | F::CallerIdName
                | F::CallerIdNumber
                | F::CalleeIdName
                | F::CalleeIdNumber
                | F::Ani
                | F::Aniii
                | F::NetworkAddr
                | F::Rdnis
                | F::DestinationNumber
                | F::Uuid
                | F::Source
                | F::Context
                | F::ChanName
        )
    }

    /// Whether `set_profile_var` makes a number of up to 255 of what it is given.
    fn is_settable_number(self) -> bool {
        use ProfileField as F;
        matches!(
            self,
            F::CallerTon | F::CallerNumplan | F::DestinationNumberTon | F::DestinationNumberNumplan
        )
    }
}

/// The caller profile of one leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// By [`ProfileField`]; none is C's null, which lets a look-up go on to the global variables.
    values: Vec<Option<Value>>,
}

impl Default for Profile {
    fn default() -> Self {
        let default =
            |field: &ProfileField| Some(field.default()).filter(|text| !text.is_empty()).map(Value::from);
        Self { values: ProfileField::ALL.iter().map(default).collect() }
    }
}

impl Profile {
    /// The value of a field, if it has one.
    pub fn get(&self, field: ProfileField) -> Option<&Value> {
        self.values.get(field as usize).and_then(Option::as_ref)
    }

    /// Sets a field.
    pub fn set(&mut self, field: ProfileField, value: impl Into<Value>) {
        if let Some(slot) = self.values.get_mut(field as usize) {
            *slot = Some(value.into());
        }
    }

    /// The field that the form's field `header` (without its prefix) holds.
    pub(crate) fn field_of(header: &str) -> Option<ProfileField> {
        ProfileField::ALL.iter().copied().find(|field| !header.is_empty() && field.header() == header)
    }

    /// `switch_channel_set_profile_var`; says whether a condition can see it.
    pub(crate) fn set_variable(&mut self, name: &[u8], value: &[u8]) -> bool {
        let Some(field) = ProfileField::named(name) else { return false };
        if field.is_settable() {
            self.set(field, value);
        } else if field.is_settable_number() && !value.is_empty() {
            // A byte in the profile.
            self.set(field, atoi(value).rem_euclid(256).to_string());
        } else {
            return false;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_28_fields() {
        assert_eq!(ProfileField::named(b"Destination_Number"), Some(ProfileField::DestinationNumber));
        assert_eq!(ProfileField::named(b"destination"), None);
        let mut profile = Profile::default();
        assert_eq!(profile.get(ProfileField::CallerTon).map(ToString::to_string).as_deref(), Some("255"));
        assert_eq!(profile.get(ProfileField::Rdnis), None);
        assert!(profile.set_variable(b"RDNIS", b""));
        assert_eq!(profile.get(ProfileField::Rdnis).map(Value::is_empty), Some(true));
        assert!(profile.set_variable(b"caller_ton", b"257"));
        assert_eq!(profile.get(ProfileField::CallerTon).map(ToString::to_string).as_deref(), Some("1"));
        assert!(!profile.set_variable(b"profile_index", b"2") && !profile.set_variable(b"x", b"2"));
    }
}
