//! Answers with very many objects. They are written as text while they are read, so that a hundred thousand users are
//! never in memory at once, unless a transport must have the whole.

use std::fmt;
use std::sync::LazyLock;

use custompbx_model::declare::message::Part;
use custompbx_pbx::Result;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::answer::{Found, content, member};

/// How many whole texts are made at once; each can have some thirty megabytes.
const AT_ONCE: usize = 2;

/// One part of a listing.
pub(super) struct Step {
    pub(super) part: &'static Part,
    /// The way that is there also without any object.
    pub(super) way: Vec<String>,
    pub(super) found: Found,
}

/// Members of an answer that are still to be written.
pub(crate) struct Listing {
    steps: std::vec::IntoIter<Step>,
    current: Option<Step>,
    /// The members whose values are being written, outermost first.
    open: Vec<Level>,
    /// What was written before it was asked for.
    ready: Option<String>,
    text: String,
}

struct Level {
    name: String,
    is_empty: bool,
}

impl fmt::Debug for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listing")
    }
}

impl Listing {
    pub(super) fn new(steps: Vec<Step>) -> Self {
        let open = vec![Level { name: String::new(), is_empty: true }];
        Self { steps: steps.into_iter(), current: None, open, ready: None, text: String::new() }
    }

    /// The same after its first piece was made: what is wrong from the beginning is said before anything is sent.
    pub(super) async fn begun(mut self) -> Result<Self> {
        self.ready = self.piece().await?;
        Ok(self)
    }

    /// The next piece of the text between the braces of the answer; `None` when that was all.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn next(&mut self) -> Result<Option<String>> {
        match self.ready.take() {
            Some(ready) => Ok(Some(ready)),
            None => self.piece().await,
        }
    }

    /// An answer as one text: `head` is what is known of it already.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn whole(mut self, head: &Value) -> Result<String> {
        static MAKING: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(AT_ONCE));
        let _permit = MAKING.acquire().await.ok();
        let mut text = beginning(head);
        while let Some(piece) = self.next().await? {
            text.push_str(&piece);
        }
        text.push('}');
        Ok(text)
    }

    async fn piece(&mut self) -> Result<Option<String>> {
        loop {
            if self.current.is_none() {
                match self.steps.next() {
                    Some(step) => {
                        self.enter(&step.way);
                        self.current = Some(step);
                    }
                    None => {
                        self.leave(1);
                        let rest = std::mem::take(&mut self.text);
                        return Ok(Some(rest).filter(|rest| !rest.is_empty()));
                    }
                }
            }
            let Some(step) = &mut self.current else { continue };
            let (part, objects) = match &mut step.found {
                Found::All(objects) => (step.part, std::mem::take(objects)),
                Found::Users(pages) => (step.part, pages.next().await?.unwrap_or_default()),
            };
            if objects.is_empty() {
                self.current = None;
                continue;
            }
            for object in &objects {
                let way: Option<Vec<String>> = part.at.iter().map(|key| member(*key, object)).collect();
                if let Some(way) = way {
                    self.value(&way, &content(part.content, object));
                }
            }
            return Ok(Some(std::mem::take(&mut self.text)));
        }
    }

    /// Opens and closes objects so that members of the one at the end of the way can follow.
    fn enter(&mut self, way: &[String]) {
        let same = self.open[1..].iter().zip(way).take_while(|(level, name)| level.name == **name).count();
        self.leave(same + 1);
        for name in &way[same..] {
            self.name(name);
            self.text.push('{');
            self.open.push(Level { name: name.clone(), is_empty: true });
        }
    }

    /// Closes all but so many levels.
    fn leave(&mut self, levels: usize) {
        while self.open.len() > levels {
            self.open.pop();
            self.text.push('}');
        }
    }

    fn value(&mut self, way: &[String], value: &Value) {
        let Some((last, above)) = way.split_last() else { return };
        self.enter(above);
        self.name(last);
        self.text.push_str(&value.to_string());
    }

    fn name(&mut self, name: &str) {
        if let Some(level) = self.open.last_mut() {
            if !level.is_empty {
                self.text.push(',');
            }
            level.is_empty = false;
        }
        self.text.push_str(&Value::from(name).to_string());
        self.text.push(':');
    }
}

/// The text of an answer up to where a listing goes on.
pub(crate) fn beginning(head: &Value) -> String {
    let mut text = head.to_string();
    if text.ends_with('}') {
        text.pop();
    }
    if !text.ends_with('{') {
        text.push(',');
    }
    text
}

#[cfg(test)]
mod tests {
    use custompbx_model::declare::message::Key;
    use custompbx_model::modules;
    use custompbx_model::modules::directory::kinds::USER;

    use super::*;

    /// It has no lists, and its objects have members of their own.
    fn can_be_listed(part: &Part) -> bool {
        !part.at.contains(&Key::Next) && part.at.last() == Some(&Key::Own)
    }

    #[test]
    fn what_shows_many_users_can_be_listed() {
        for message in modules::messages() {
            let parts: Vec<_> = message.names.iter().flat_map(|name| message.parts(name)).collect();
            if parts.iter().any(|part| part.what.is_many() && part.what.kind() == Some(&USER)) {
                assert!(parts.iter().all(|part| can_be_listed(part)), "{:?}", message.names);
            }
        }
    }

    #[test]
    fn members_are_put_together() {
        let mut listing = Listing::new(Vec::new());
        let way = |way: &str| way.split(' ').map(str::to_owned).collect::<Vec<_>>();
        listing.value(&way("a b 1"), &Value::from(1));
        listing.value(&way("a b 2"), &Value::from("\""));
        listing.enter(&way("a c"));
        listing.enter(&way("d"));
        listing.value(&way("d 7 1"), &Value::Null);
        listing.value(&way("d 8 1"), &Value::from(true));
        listing.leave(1);
        let text = format!("{}{}}}", beginning(&serde_json::json!({"MessageType": "x"})), listing.text);
        assert_eq!(
            text,
            r#"{"MessageType":"x","a":{"b":{"1":1,"2":"\""},"c":{}},"d":{"7":{"1":null},"8":{"1":true}}}"#
        );
    }
}
