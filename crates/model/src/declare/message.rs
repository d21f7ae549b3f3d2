//! Messages of the documented API about objects, as data: what is done with which kind, where in the request its fields
//! stand, what is answered, and in which words it is refused.

use super::kind::Kind;

/// One message.
#[derive(Clone, Copy, Debug)]
pub struct Message {
    /// What it is called: first as the reference implementation calls it, then as the documentation does where that
    /// differs.
    pub names: &'static [&'static str],
    /// The kind of the object that it is about: [`Part`]s call it the subject.
    pub kind: &'static Kind,
    /// What is done.
    pub operation: Operation,
    /// Where the fields stand in the request.
    pub request: Place,
    /// What is answered to the first name.
    pub answer: &'static [Part],
    /// What is answered to the second name, and where there is none also to the first.
    pub documented: &'static [Part],
    /// Whether `exists` says so when there is none at all.
    pub tells_absence: bool,
    /// How it is refused.
    pub texts: Texts,
}

/// What a message does.
#[derive(Clone, Copy, Debug)]
pub enum Operation {
    /// Nothing: it reads what the answer needs.
    List,
    /// The same for the object with the `id` of the request.
    Details,
    /// Makes an object; `id` is its owner's, where it has one.
    Add(&'static [Take]),
    /// Makes users, one or a series; `id` is their domain's.
    AddUsers,
    /// Puts the user `id_int` into the group `id`. The documentation calls the user `value`, as a text.
    AddGroupUser,
    /// Changes fields.
    Update(&'static [Take]),
    /// Enables or disables it.
    Switch,
    /// Gives it another place, `current_index`; it was seen at `previous_index`.
    Move,
    /// Takes it away.
    Delete,
}

/// A field of the request that becomes one of the object.
#[derive(Clone, Copy, Debug)]
pub struct Take {
    /// In the request.
    pub from: &'static str,
    /// Of the object.
    pub to: &'static str,
    /// Whether it must be there.
    pub need: Need,
}

/// Whether a field must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It must, and not be empty.
    Filled,
    /// It must, and may be empty.
    There,
    /// When it is missing or empty, the object has what counts without it.
    Optional,
}

impl Take {
    /// A field of the same name on both sides.
    pub const fn same(name: &'static str, need: Need) -> Self {
        Self { from: name, to: name, need }
    }
}

/// Where id and fields stand in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Beside the token.
    Flat,
    /// In this object.
    Inside(&'static str),
    /// The id beside the token, the fields in this object; which has no id of its own.
    FieldsInside(&'static str),
    /// All in this object, or all beside the token: the documentation and the reference implementation differ.
    Either(&'static str),
}

/// A part of an answer: objects, each put into the same place.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// The way to the place, from the top of the answer. Where there is no object at all, the way is there as far as it
    /// does not depend on one.
    pub at: &'static [Key],
    /// What is put there; an object is merged into one that is there already.
    pub content: Content,
    /// Which objects.
    pub what: What,
}

/// A step of the way to a place in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A member of this name.
    Name(&'static str),
    /// A member that is called as the id of the object.
    Own,
    /// A member that is called as the id of the object's nearest owner of this kind.
    Id(&'static Kind),
    /// A member that is called as the id of the object's owner.
    Parent,
    /// The next of a list.
    Next,
}

/// What is shown of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// All members.
    Whole,
    /// These members.
    Members(&'static [&'static str]),
    /// The value of this member.
    Value(&'static str),
    /// Its id, and this member as the text `value`.
    IdAndValue(&'static str),
    /// The id of the object, or of its nearest owner of this kind.
    Id(&'static Kind),
    /// An empty list.
    EmptyList,
}

/// Which objects a part shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The subject: as it is now, or as it was before it went.
    Subject,
    /// All of the subject's kind that its owner has now.
    Siblings,
    /// The subject's nearest owner of this kind.
    Owner(&'static Kind),
    /// All of this kind that the subject has.
    Below(&'static Kind),
    /// The same, and those that these have, and so on.
    Deep(&'static Kind),
    /// All of this kind that the subject's owner has.
    Beside(&'static Kind),
    /// All of this kind that there are.
    All(&'static Kind),
}

impl What {
    /// The kind of the objects, where it is not the subject's.
    pub fn kind(self) -> Option<&'static Kind> {
        match self {
            Self::Subject | Self::Siblings => None,
            Self::Owner(kind)
            | Self::Below(kind)
            | Self::Deep(kind)
            | Self::Beside(kind)
            | Self::All(kind) => Some(kind),
        }
    }

    /// Whether it can be any number of objects.
    pub fn is_many(self) -> bool {
        !matches!(self, Self::Subject | Self::Owner(_))
    }
}

/// The words of refusals.
#[derive(Clone, Copy, Debug)]
pub struct Texts {
    /// The id is missing, or is none.
    pub wrong_id: &'static str,
    /// A text is missing or empty.
    pub empty: &'static str,
    /// A value is missing, or cannot be.
    pub wrong: &'static str,
    /// There is no object, or no owner, with this id.
    pub missing: &'static str,
    /// Another one has the name.
    pub taken: &'static str,
    /// A place that it has not, or that there is none.
    pub position: &'static str,
    /// It cannot be done for another reason.
    pub failed: &'static str,
    /// FreeSWITCH sets it itself.
    pub fixed: &'static str,
}

impl Message {
    /// A message with the usual words for its operation, that answers nothing yet.
    pub const fn new(names: &'static [&'static str], kind: &'static Kind, operation: Operation) -> Self {
        let texts = Texts::of(operation);
        Self {
            names,
            kind,
            operation,
            request: Place::Flat,
            answer: &[],
            documented: &[],
            tells_absence: false,
            texts,
        }
    }

    /// The same that says `exists: false` when there is none at all.
    #[must_use]
    pub const fn telling_absence(self) -> Self {
        Self { tells_absence: true, ..self }
    }

    /// The same with fields in another place of the request.
    #[must_use]
    pub const fn request(self, request: Place) -> Self {
        Self { request, ..self }
    }

    /// The same that answers this to its first name.
    #[must_use]
    pub const fn answers(self, answer: &'static [Part]) -> Self {
        Self { answer, ..self }
    }

    /// The same that answers this to its documented name.
    #[must_use]
    pub const fn documented(self, documented: &'static [Part]) -> Self {
        Self { documented, ..self }
    }

    /// The same with another word for an id that is none.
    #[must_use]
    pub const fn wrong_id(self, text: &'static str) -> Self {
        Self { texts: Texts { wrong_id: text, ..self.texts }, ..self }
    }

    /// The same with another word for what is empty.
    #[must_use]
    pub const fn empty(self, text: &'static str) -> Self {
        Self { texts: Texts { empty: text, ..self.texts }, ..self }
    }

    /// The same with another word for a value that cannot be.
    #[must_use]
    pub const fn wrong(self, text: &'static str) -> Self {
        Self { texts: Texts { wrong: text, ..self.texts }, ..self }
    }

    /// The same with another word for an id that nothing has.
    #[must_use]
    pub const fn missing(self, text: &'static str) -> Self {
        Self { texts: Texts { missing: text, ..self.texts }, ..self }
    }

    /// The same with another word for a name that is taken.
    #[must_use]
    pub const fn taken(self, text: &'static str) -> Self {
        Self { texts: Texts { taken: text, ..self.texts }, ..self }
    }

    /// The same with another word for what FreeSWITCH sets itself.
    #[must_use]
    pub const fn fixed(self, text: &'static str) -> Self {
        Self { texts: Texts { fixed: text, ..self.texts }, ..self }
    }

    /// The same with another word for what fails otherwise.
    #[must_use]
    pub const fn failed(self, text: &'static str) -> Self {
        Self { texts: Texts { failed: text, ..self.texts }, ..self }
    }

    /// What is answered to a name: in the documented form to the documented name, and both where there is only one.
    pub fn parts(&self, name: &str) -> impl Iterator<Item = &'static Part> + use<> {
        let is_only = self.names.len() == 1;
        let is_first = self.names.first() == Some(&name);
        let first = if is_only || is_first { self.answer } else { &[] };
        let second = if is_only || !is_first { self.documented } else { &[] };
        first.iter().chain(second)
    }
}

impl Texts {
    /// The usual words for an operation.
    const fn of(operation: Operation) -> Self {
        let (taken, failed) = match operation {
            Operation::Add(_) | Operation::AddUsers | Operation::AddGroupUser => ("can't add", "can't add"),
            Operation::Delete => ("can't delete", "can't delete"),
            _ => ("can't update", "can't update"),
        };
        let missing = match operation {
            Operation::Update(_) | Operation::Switch => "can't get updated item",
            _ => failed,
        };
        Self {
            wrong_id: "wrong id",
            empty: "empty data",
            wrong: "wrong data",
            missing,
            taken,
            position: "wrong position",
            failed,
            fixed: failed,
        }
    }
}
