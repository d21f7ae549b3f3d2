//! Answers of mod_callcenter: a line of names, lines of values, `+OK`.

use serde::de::DeserializeOwned;

use super::{Broken, is_absent};
use crate::live::told;

/// The rows of a list. Values are written as they are: one with a bar in it makes more columns, and those are taken
/// for a part of the column `loose`.
pub(in crate::live) fn columns<R: DeserializeOwned>(answer: &str, loose: &str) -> Result<Vec<R>, Broken> {
    if is_absent(answer) {
        return Ok(Vec::new());
    }
    let lines: Vec<&str> = answer.lines().filter(|line| !line.trim().is_empty()).collect();
    let Some((&"+OK", lines)) = lines.split_last() else {
        return Err(Broken("it does not end with +OK".to_owned()));
    };
    let Some((names, lines)) = lines.split_first() else { return Ok(Vec::new()) };
    let names: Vec<&str> = names.split('|').collect();
    let loose = names.iter().position(|name| *name == loose);
    lines.iter().enumerate().map(|(at, line)| row(line, &names, loose, at + 1)).collect()
}

fn row<R: DeserializeOwned>(
    line: &str,
    names: &[&str],
    loose: Option<usize>,
    at: usize,
) -> Result<R, Broken> {
    let values: Vec<&str> = line.split('|').collect();
    let wrong = || Broken(format!("row {at} has {} columns, not {}", values.len(), names.len()));
    let more = values.len().checked_sub(names.len()).ok_or_else(wrong)?;
    let joined;
    let values = match loose {
        _ if more == 0 => values,
        Some(loose) => {
            let (before, rest) = values.split_at(loose);
            let (inside, after) = rest.split_at(more + 1);
            joined = inside.join("|");
            before.iter().copied().chain([&*joined]).chain(after.iter().copied()).collect()
        }
        None => return Err(wrong()),
    };
    let pairs = names.iter().copied().zip(values);
    told::of_pairs(pairs).map_err(|error| Broken(format!("row {at}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::rows::Agent;

    fn agents(answer: &str) -> Result<Vec<Agent>, Broken> {
        columns(answer, "contact")
    }

    #[test]
    fn bars_in_a_contact_are_a_part_of_it() {
        let agents = agents("name|contact|status|state\na|user/1|user/2|On Break|Waiting\n+OK\n").unwrap();
        assert_eq!(agents[0].contact.as_deref(), Some("user/1|user/2"));
        assert_eq!(agents[0].status.as_deref(), Some("On Break"));
    }

    #[test]
    fn lists_cut_short_are_errors() {
        for (answer, why) in [
            ("", "it does not end with +OK"),
            ("name|contact\na|b\n", "it does not end with +OK"),
            ("name|contact\na\n+OK", "row 1 has 1 columns, not 2"),
        ] {
            assert_eq!(agents(answer), Err(Broken(why.to_owned())));
        }
        for answer in
            ["+OK", "name|contact\n+OK\n", "-ERR no reply\n", "-ERR callcenter_config Command not found!"]
        {
            assert_eq!(agents(answer).unwrap(), []);
        }
    }
}
