//! Many users at once, with names that are counted up.

use std::collections::HashSet;

use custompbx_model::NodeId;
use custompbx_model::declare::kind::Field;
use custompbx_model::modules::directory::kinds::USER;
use custompbx_store::{InstanceId, RevisionId};

use super::change::{name_of, new_node};
use super::read::Reader;
use super::{Object, Wrong};
use crate::error::{Error, Result};
use crate::{By, Pbx, Plan};

/// How many users a series can have.
pub const LARGEST_SERIES: usize = 100;

/// What became of a series.
#[derive(Debug)]
pub struct Series {
    /// The new users.
    pub made: Vec<Object>,
    /// Names that were taken.
    pub skipped: Vec<String>,
    /// The revision.
    pub revision: Option<RevisionId>,
}

impl Pbx {
    /// Makes `count` users in a domain. The last number in the name is counted up and keeps its leading zeros; names
    /// that are taken are left out.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the domain, [`Error::Taken`] when all names are taken, [`Error::Object`] for a name that
    /// cannot be counted up or for too many, and those of [`Pbx::edit`].
    pub async fn add_users(
        &self,
        instance: InstanceId,
        by: &By,
        domain: NodeId,
        name: &str,
        count: usize,
    ) -> Result<Series> {
        if count > LARGEST_SERIES {
            return Err(Wrong::TooMany { most: LARGEST_SERIES }.into());
        }
        let key: &'static Field =
            USER.key().ok_or_else(|| Error::BadRequest("users have no name".to_owned()))?;
        let names = counted_up(name, count).ok_or_else(|| Wrong::NoNumber(name.to_owned()))?;
        for name in &names {
            key.check(name).map_err(|why| Wrong::Field { field: key.name, why })?;
        }
        let names = &names;
        let edited = self.edit(instance, by, |store| async move {
            let reader = Reader::new(store, instance).await?;
            let owner = reader.owner(&USER, domain).await?;
            let wanted: Vec<&str> = names.iter().map(String::as_str).collect();
            let taken = reader.store.users_named(domain, &wanted).await?;
            let taken: HashSet<String> =
                taken.iter().map(|user| name_of(&USER, &user.node).to_ascii_lowercase()).collect();
            let (skipped, free): (Vec<String>, Vec<String>) =
                names.iter().cloned().partition(|name| taken.contains(&name.to_ascii_lowercase()));
            let (Some(first), Some(last)) = (free.first(), free.last()) else {
                return Err(Error::Taken { what: USER.word, name: names.join(", ") });
            };
            let summary = match free.len() {
                1 => format!("add user {first}"),
                count => format!("add {count} users, {first} to {last}"),
            };
            let nodes = free.iter().map(|name| new_node(&USER, &[(key, name.clone())]));
            let nodes = nodes.collect::<Result<Vec<_>>>()?;
            let (edit, _) = reader.insertion(&USER, &owner, nodes).await?;
            Ok(Plan { summary, edits: vec![edit], value: (free, skipped) })
        });
        let edited = edited.await?;
        let reader = self.reader(instance).await?;
        let owner = reader.owner(&USER, domain).await?;
        let (free, skipped) = edited.value;
        let free: Vec<&str> = free.iter().map(String::as_str).collect();
        let mut made = reader.store.users_named(domain, &free).await?;
        made.sort_by_key(|user| user.node.id);
        let made = made.into_iter().map(|user| reader.object(&USER, owner.links.clone(), user)).collect();
        Ok(Series { made, skipped, revision: edited.revision })
    }
}

/// The name and those after it; one name alone needs no number.
fn counted_up(name: &str, count: usize) -> Option<Vec<String>> {
    let mut names = vec![name.to_owned()];
    if count < 2 {
        return Some(names);
    }
    let end = name.rfind(|letter: char| letter.is_ascii_digit())? + 1;
    let start = name[..end]
        .rfind(|letter: char| !letter.is_ascii_digit())
        .map_or(0, |at| at + name[at..].chars().next().map_or(1, char::len_utf8));
    let mut digits = name.as_bytes()[start..end].to_vec();
    while names.len() < count {
        increment(&mut digits);
        let number = String::from_utf8_lossy(&digits);
        names.push(format!("{}{number}{}", &name[..start], &name[end..]));
    }
    Some(names)
}

/// Adds one to a number of decimal digits, which may be longer than any integer.
fn increment(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return;
        }
        *digit = b'0';
    }
    digits.insert(0, b'1');
}

#[cfg(test)]
mod tests {
    use super::counted_up;

    #[test]
    fn the_last_number_is_counted_up_and_keeps_its_zeros() {
        let names = |name: &str, count| counted_up(name, count).map(|names| names.join(" "));
        assert_eq!(names("1000", 3).as_deref(), Some("1000 1001 1002"));
        assert_eq!(names("a007b", 2).as_deref(), Some("a007b a008b"));
        assert_eq!(names("2x098ü", 3).as_deref(), Some("2x098ü 2x099ü 2x100ü"));
        assert_eq!(names("ü99", 2).as_deref(), Some("ü99 ü100"));
        assert_eq!(names("99999999999999999999999999999999999999999", 2).unwrap().len(), 41 + 1 + 42);
        assert_eq!(names("anna", 1).as_deref(), Some("anna"));
        assert_eq!(names("anna", 2), None);
    }
}
