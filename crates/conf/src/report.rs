//! What a reading found: how much of what, and what a person should look at.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

/// A place in a source file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// The file, below the path that was given to read.
    pub file: PathBuf,
    /// From 1.
    pub line: usize,
    /// In characters, from 1, where more than the line is known.
    pub column: Option<usize>,
}

impl Place {
    /// A whole line.
    pub fn line(file: &Path, line: usize) -> Self {
        Self { file: file.to_owned(), line, column: None }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)?;
        self.column.map_or(Ok(()), |column| write!(f, ":{column}"))
    }
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know; nothing is lost.
    Notice,
    /// Something was left out, or FreeSWITCH sees it otherwise than it looks.
    Warning,
    /// Something does not work as it stands.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// A remark about what was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// Where, unless it is about the whole.
    pub place: Option<Place>,
    /// A sentence without its full stop.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<8}", self.severity)?;
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// How many elements of each kind there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Global variables.
    pub variables: usize,
    /// Documents of the section `configuration`.
    pub configurations: usize,
    /// Contexts, of the dialplan and the chatplan.
    pub contexts: usize,
    /// Extensions in them.
    pub extensions: usize,
    /// Domains of the directory.
    pub domains: usize,
    /// Users, pointers in groups not counted.
    pub users: usize,
    /// Groups of users.
    pub groups: usize,
    /// Gateways of profiles and users.
    pub gateways: usize,
    /// Languages.
    pub languages: usize,
    /// Phrase macros.
    pub macros: usize,
    /// All other elements.
    pub others: usize,
}

impl Counts {
    /// The kinds in words, with their numbers, in the order in which they are shown.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, usize)> {
        [
            ("variables", self.variables),
            ("configuration documents", self.configurations),
            ("contexts", self.contexts),
            ("extensions", self.extensions),
            ("domains", self.domains),
            ("users", self.users),
            ("groups", self.groups),
            ("gateways", self.gateways),
            ("languages", self.languages),
            ("macros", self.macros),
            ("other elements", self.others),
        ]
        .into_iter()
    }
}

/// What was read, and what was found doing so. `Display` is for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Files opened; one that is included twice counts twice.
    pub files: usize,
    /// Bytes in them.
    pub bytes: u64,
    /// What was in them.
    pub counts: Counts,
    /// In the order in which they were found.
    pub findings: Vec<Finding>,
}

impl Report {
    /// How many findings have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    pub(crate) fn add(&mut self, severity: Severity, place: Option<Place>, message: impl Into<String>) {
        self.findings.push(Finding { severity, place, message: message.into() });
    }
}

impl fmt::Display for Report {
    /// Numbers first, then the findings, the worst first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} read, {}", plural(self.files, "file"), size(self.bytes))?;
        for (kind, number) in self.counts.iter().filter(|(_, number)| *number > 0) {
            writeln!(f, "  {number:>9}  {kind}")?;
        }
        for severity in [Severity::Error, Severity::Warning, Severity::Notice] {
            let number = self.count(severity);
            if number == 0 {
                continue;
            }
            writeln!(f, "\n{}", plural(number, &severity.to_string()))?;
            for finding in self.findings.iter().filter(|finding| finding.severity == severity) {
                match &finding.place {
                    Some(place) => writeln!(f, "  {place}\n      {}", finding.message)?,
                    None => writeln!(f, "  {}", finding.message)?,
                }
            }
        }
        Ok(())
    }
}

/// `1 file`, `2 files`.
pub(crate) fn plural(number: usize, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}

/// Bytes in the unit that people compare.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..10_240 => format!("{bytes} bytes"),
        10_240..10_485_760 => format!("{} KiB", bytes / 1024),
        _ => format!("{} MiB", bytes / (1024 * 1024)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_reads_from_the_numbers_to_the_details() {
        let mut report = Report { files: 1, bytes: 300, ..Report::default() };
        report.counts.users = 2;
        report.add(Severity::Notice, None, "no voice");
        let place = Place { file: "a.xml".into(), line: 3, column: Some(7) };
        report.add(Severity::Warning, Some(place), "left out");
        assert_eq!(
            report.to_string(),
            "1 file read, 300 bytes\n          2  users\n\n1 warning\n  a.xml:3:7\n      left out\n\n1 notice\n  no voice\n"
        );
    }

    #[test]
    fn sizes() {
        assert_eq!(size(10_239), "10239 bytes");
        assert_eq!(size(209_715_200), "200 MiB");
    }
}
