//! Answers in JSON.

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::{Broken, is_absent, start};
use crate::live::rows::{Conference, ConferenceMember};

/// An answer to `show ... as json`. Without rows there is only the count, which is not believed otherwise.
#[derive(Deserialize)]
struct Shown<R> {
    #[serde(rename = "row_count")]
    _count: IgnoredAny,
    #[serde(default = "Vec::new")]
    rows: Vec<R>,
}

/// The rows of an answer to `show ... as json`; `row` may refuse one.
pub(in crate::live) fn lines<R: DeserializeOwned>(
    answer: &str,
    row: impl Fn(R) -> Option<R>,
) -> Result<Vec<R>, Broken> {
    if is_absent(answer) {
        // These commands are of the core: they are always there.
        return Err(Broken(format!("it is {:?}", start(answer))));
    }
    let shown: Shown<R> = serde_json::from_str(answer)?;
    Ok(shown.rows.into_iter().filter_map(row).collect())
}

#[derive(Deserialize)]
struct Listed {
    #[serde(flatten)]
    conference: Conference,
    #[serde(default)]
    members: Vec<ConferenceMember>,
}

/// The answer to `conference json_list`.
pub(in crate::live) fn conferences(answer: &str) -> Result<(Vec<Conference>, Vec<ConferenceMember>), Broken> {
    if is_absent(answer) {
        return Ok(Default::default());
    }
    let listed: Vec<Listed> = serde_json::from_str(answer)?;
    let (mut conferences, mut members) = (Vec::new(), Vec::new());
    for Listed { conference, members: listed } in listed {
        if conference.name.is_empty() {
            continue;
        }
        // What records a conference is listed among its members, without a number.
        for mut member in listed.into_iter().filter(|member| member.id.is_some()) {
            member.conference.clone_from(&conference.name);
            members.push(member);
        }
        conferences.push(conference);
    }
    Ok((conferences, members))
}
