//! FreeSWITCH's preprocessor (`preprocess` in `switch_xml.c`): many files become one text.
//!
//! It carries out `include` and remembers what variables are set to. It never executes anything, and says what
//! FreeSWITCH throws away without a word.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use custompbx_model::variables::next_variable;

use super::command::{self, Command, Line, assignment, before_first_variable, classify, is_dropped};
use super::flat::{FileId, Flat};
use super::glob::glob;
use super::globals::Globals;
use super::line::{At, is_special, leftover, short};
use super::sources::{MOST_FILES, Sources, io};
use crate::error::ReadError;
use crate::report::{Place, Severity};

/// FreeSWITCH goes no deeper.
const DEEPEST: usize = 100;

/// A file that is being read.
struct Frame {
    real: PathBuf,
    /// The include that led to it.
    via: Option<Place>,
}

/// Reads one file with all that it includes.
pub(super) struct Preprocessor<'s, 'a> {
    pub(super) sources: &'s mut Sources<'a>,
    pub(super) globals: &'s mut Globals,
    /// Files that were included by others, without links.
    pub(super) included: &'s mut HashSet<PathBuf>,
    /// Variables that were already reported as unknown.
    pub(super) unknown: &'s mut HashSet<String>,
    pub(super) flat: Flat,
    frames: Vec<Frame>,
}

impl<'s, 'a> Preprocessor<'s, 'a> {
    pub(super) fn new(
        sources: &'s mut Sources<'a>,
        globals: &'s mut Globals,
        included: &'s mut HashSet<PathBuf>,
        unknown: &'s mut HashSet<String>,
    ) -> Self {
        Self { sources, globals, included, unknown, flat: Flat::new(), frames: Vec::new() }
    }

    /// The file at `path`, which is `real` without links and called `shown`.
    pub(super) fn file(
        &mut self,
        path: &Path,
        real: PathBuf,
        shown: PathBuf,
        via: Option<Place>,
    ) -> Result<(), ReadError> {
        let (file, text) = self.sources.open(path, shown)?;
        self.frames.push(Frame { real, via });
        let dir = path.parent().unwrap_or(Path::new(""));
        self.text(&text, file, Some(dir))?;
        self.frames.pop();
        Ok(())
    }

    /// A text, line by line.
    pub(super) fn text(&mut self, text: &str, file: FileId, dir: Option<&Path>) -> Result<(), ReadError> {
        let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        self.flat.reserve(text.len());
        let mut at = At { text, file, line: 1, line_start: start, dir };
        let mut position = start;
        // Inside of a comment that begins with `<!--#`, which the parser does not get to see.
        let mut skipping = false;
        while position < text.len() {
            let rest = &text.as_bytes()[position..];
            let length =
                rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).map_or(rest.len(), |end| end + 1);
            let line = &text[position..position + length];
            if skipping || is_special(line) {
                self.special(at, position, line, &mut skipping)?;
            } else {
                self.flat.copy(line, file, position, at.line, &text[at.line_start..position]);
            }
            if line.len() > command::LONGEST_LINE {
                let message = "the line is longer than FreeSWITCH reads; it loses a character after each MiB";
                self.finding(Severity::Warning, at, message);
            }
            position += length;
            if line.ends_with('\n') {
                at.line += 1;
                at.line_start = position;
            }
        }
        self.check_size(at)
    }

    fn special(
        &mut self,
        at: At<'_>,
        start: usize,
        line: &str,
        skipping: &mut bool,
    ) -> Result<(), ReadError> {
        if is_dropped(line) {
            self.dropped(at, line, *skipping);
            return Ok(());
        }
        let (mut start, mut line) = (start, line);
        if *skipping {
            let Some(end) = before_first_variable(line).find("-->") else { return Ok(()) };
            *skipping = false;
            start += end + 3;
            line = &line[end + 3..];
        }
        match classify(line) {
            Line::Text => self.emit(at, start, line),
            Line::Marked { command, before, behind } => self.marked(at, command, before, behind),
            Line::Comment { before, end, command } => {
                self.emit(at, start, &line[..before])?;
                match end {
                    Some(end) => self.emit(at, start + end, &line[end..])?,
                    None => *skipping = true,
                }
                command.map_or(Ok(()), |command| self.carry_out(at, command, true))
            }
        }
    }

    /// A line with `<include>` on it.
    fn dropped(&mut self, at: At<'_>, line: &str, skipping: bool) {
        let lost = leftover(line);
        let matters =
            if skipping || self.flat.in_comment() { lost.contains("-->") } else { !lost.is_empty() };
        if matters {
            let what = "FreeSWITCH drops the whole line with <include>, </include> or <? on it, and so";
            self.finding(Severity::Warning, at, format!("{what} loses: {}", short(&lost)));
        }
    }

    /// A line with `X-PRE-PROCESS` on it.
    fn marked(
        &mut self,
        at: At<'_>,
        command: Option<Command<'_>>,
        before: &str,
        behind: &str,
    ) -> Result<(), ReadError> {
        let in_comment = self.flat.in_comment();
        let lost = leftover(&format!("{before}{behind}"));
        if if in_comment { lost.contains("-->") } else { !lost.is_empty() } {
            let what = "FreeSWITCH drops the whole line with X-PRE-PROCESS on it, and so loses";
            // `<XX-PRE-PROCESS` is how people switch a command off.
            let meant = command.is_none() && before.ends_with(|c: char| c.is_alphanumeric());
            let severity = if meant { Severity::Notice } else { Severity::Warning };
            self.finding(severity, at, format!("{what}: {}", short(&lost)));
        }
        let Some(command) = command else {
            if lost.is_empty() {
                self.finding(
                    Severity::Warning,
                    at,
                    "FreeSWITCH does not understand this command, and drops it",
                );
            }
            return Ok(());
        };
        if in_comment || before.rfind("<!--").is_some_and(|open| !before[open..].contains("-->")) {
            let what =
                format!("{} stands in a comment, and FreeSWITCH carries it out all the same", command.name);
            self.finding(Severity::Notice, at, what);
        }
        self.carry_out(at, command, false)
    }

    /// `in_comment`: the form `<!--#set ...-->`, which knows fewer commands.
    fn carry_out(&mut self, at: At<'_>, command: Command<'_>, in_comment: bool) -> Result<(), ReadError> {
        let Command { name, data } = command;
        match name.to_ascii_lowercase().as_str() {
            "include" => return self.include(at, data),
            "set" => return self.set(at, "set", assignment(data), data),
            "stun-set" => return self.set(at, "stun-set", assignment(data), data),
            "exec-set" => {
                self.set(at, "exec-set", assignment(data), data)?;
                let message = format!(
                    "exec-set is never carried out, and kept as a disabled variable: {}",
                    short(data)
                );
                self.finding(Severity::Warning, at, message);
            }
            "env-set" if !in_comment => {
                let known = data.split_once('=').filter(|(_, value)| value.starts_with('$'));
                return self.set(at, "env-set", known, data);
            }
            "exec" => {
                let message =
                    format!("exec is never carried out, and what it prints is not here: {}", short(data));
                self.finding(Severity::Warning, at, message);
            }
            _ if in_comment && name != "env-set" => {}
            _ => self.finding(Severity::Warning, at, format!("FreeSWITCH has no command {}", short(name))),
        }
        Ok(())
    }

    fn set(
        &mut self,
        at: At<'_>,
        cmd: &'static str,
        assignment: Option<(&str, &str)>,
        data: &str,
    ) -> Result<(), ReadError> {
        let Some((name, value)) = assignment.filter(|(name, _)| !name.is_empty()) else {
            self.finding(Severity::Warning, at, format!("{cmd} does nothing with: {}", short(data)));
            return Ok(());
        };
        let place = self.sources.files.line(at.file, at.line);
        let replaced = self.globals.set(name, value, cmd, &place).map_err(|limit| {
            ReadError::VariableTooLarge { place: place.clone(), name: name.to_owned(), limit }
        })?;
        let limit = self.sources.options.max_bytes;
        if self.globals.bytes() > limit {
            return Err(ReadError::TooMuch { path: self.sources.files.path(at.file).to_owned(), limit });
        }
        if let Some(old) = replaced {
            let message = format!(
                "{name} is set to {} here and to {} at {}; this one stays",
                short(value),
                short(&old.value),
                old.place
            );
            self.sources.finding(Severity::Warning, Some(place), message);
        }
        Ok(())
    }

    fn include(&mut self, at: At<'_>, data: &str) -> Result<(), ReadError> {
        let place = self.sources.files.line(at.file, at.line);
        let (Some(dir), Some(root)) = (at.dir, self.sources.root()) else {
            return Err(ReadError::NothingToInclude { place, include: data.to_owned() });
        };
        let root = root.to_owned();
        let here = data.replace("$${conf_dir}", &root.to_string_lossy());
        let (pattern, unknown) = self.globals.expand(&here).map_err(|limit| ReadError::VariableTooLarge {
            place: place.clone(),
            name: data.to_owned(),
            limit,
        })?;
        if !unknown.is_empty() {
            let names = unknown.join(", ");
            let message = format!("{} is not included, because {names} is not known here", short(data));
            self.sources.finding(Severity::Warning, Some(place), message);
            return Ok(());
        }
        if self.frames.len() > DEEPEST {
            return Err(ReadError::IncludesTooDeep { place, limit: DEEPEST });
        }
        let sources = &*self.sources;
        let found = glob(
            dir,
            &pattern,
            &mut |dir| sources.inside(dir, &pattern, Some(place.clone())).map(|_| ()),
            &|path, error| io(path, error),
        )?;
        if found.is_empty() {
            let absolute = pattern.starts_with('/') && !Path::new(&pattern).starts_with(&root);
            let severity = if absolute { Severity::Warning } else { Severity::Notice };
            self.sources.finding(severity, Some(place), format!("there is nothing to include at {pattern}"));
            return Ok(());
        }
        found.into_iter().try_for_each(|path| self.included_file(&path, &pattern, &place))
    }

    fn included_file(&mut self, path: &Path, pattern: &str, place: &Place) -> Result<(), ReadError> {
        let real = self.sources.inside(path, pattern, Some(place.clone()))?;
        if real.is_dir() {
            let message = format!("{} is a directory; FreeSWITCH includes nothing of it", path.display());
            self.sources.finding(Severity::Warning, Some(place.clone()), message);
            return Ok(());
        }
        if let Some(first) = self.frames.iter().position(|frame| frame.real == real) {
            let mut chain: Vec<Place> =
                self.frames[first + 1..].iter().filter_map(|frame| frame.via.clone()).collect();
            chain.push(place.clone());
            return Err(ReadError::Cycle { chain });
        }
        if self.sources.report.files >= MOST_FILES {
            return Err(ReadError::TooManyFiles { place: place.clone(), limit: MOST_FILES });
        }
        self.included.insert(real.clone());
        let shown = self.sources.shown(&real);
        self.file(path, real, shown, Some(place.clone()))
    }

    /// Gives text to the parser, with the variables in it replaced if that is wanted.
    fn emit(&mut self, at: At<'_>, start: usize, part: &str) -> Result<(), ReadError> {
        let mut done = 0;
        while let Some((before, name, behind)) = next_variable(&part[done..]) {
            let (begin, end) = (done + before.len(), part.len() - behind.len());
            self.copy(at, start + done, before);
            if !self.sources.options.resolve {
                self.copy(at, start + begin, &part[begin..end]);
            } else if let Some(value) = self.globals.known(name) {
                self.flat.insert(value, at.file, at.line, &at.text[at.line_start..start + begin]);
                self.check_size(at)?;
            } else {
                if !self.flat.in_comment() && self.unknown.insert(name.to_owned()) {
                    self.finding(
                        Severity::Warning,
                        at,
                        format!("the variable {} is not known, and stays", short(name)),
                    );
                }
                self.copy(at, start + begin, &part[begin..end]);
            }
            done = end;
        }
        if part[done..].contains("$${") {
            self.finding(Severity::Warning, at, "a $${ has no closing brace on its line");
        }
        self.copy(at, start + done, &part[done..]);
        Ok(())
    }

    fn copy(&mut self, at: At<'_>, start: usize, part: &str) {
        self.flat.copy(part, at.file, start, at.line, &at.text[at.line_start..start]);
    }

    fn check_size(&self, at: At<'_>) -> Result<(), ReadError> {
        let limit = self.sources.options.max_bytes;
        if self.flat.text().len() as u64 > limit {
            return Err(ReadError::TooMuch { path: self.sources.files.path(at.file).to_owned(), limit });
        }
        Ok(())
    }

    fn finding(&mut self, severity: Severity, at: At<'_>, message: impl Into<String>) {
        let place = self.sources.files.line(at.file, at.line);
        self.sources.finding(severity, Some(place), message);
    }
}
