//! Reading: from paths to one document.

mod assemble;
mod check;
pub(crate) mod command;
mod facts;
mod flat;
mod glob;
mod globals;
mod into;
mod line;
mod locate;
mod preprocess;
mod sources;
mod walk;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use custompbx_model::Node;
use custompbx_model::xml::parse;

use assemble::Assembly;
use facts::Facts;
use flat::{Flat, shortened};
use globals::Globals;
use preprocess::Preprocessor;
use sources::{Sources, io};

use crate::error::ReadError;
use crate::options::{Progress, ReadOptions};
use crate::report::{Place, Report, Severity};

/// The file from which FreeSWITCH reads everything else.
pub(crate) const MAIN_FILE: &str = "freeswitch.xml";

/// So many remarks of the parser are shown for one text.
const MOST_NOTES: usize = 50;

/// One document, and what was found reading it.
#[derive(Clone, Debug)]
pub struct Reading {
    /// `<document type="freeswitch/xml">` with at most one element `variables`, then the sections. A variable that
    /// would execute a command (`exec-set`) is there, disabled.
    pub document: Node,
    /// What a person should see of it.
    pub report: Report,
}

/// Reads directories and files into one document, in their order.
///
/// A directory with `freeswitch.xml` is read from there, as FreeSWITCH does. Of any other, each `*.xml` below it is
/// a document of its own, unless another of them includes it. A file holds a `document`, a `section`, or elements
/// of a section; anything smaller needs [`ReadOptions::into`].
///
/// # Errors
/// The first thing that cannot be read as it stands. There is no part of a document then.
pub fn read(
    paths: &[PathBuf],
    options: &ReadOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<Reading, ReadError> {
    if paths.is_empty() {
        return Err(ReadError::NoPaths);
    }
    let mut reader = Reader::new(options, progress)?;
    for path in paths {
        let meta = std::fs::metadata(path).map_err(|source| io(path, source))?;
        if !meta.is_dir() {
            let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
            reader.sources.enter(dir)?;
            let real = std::fs::canonicalize(path).map_err(|source| io(path, source))?;
            reader.file(path, real, path.clone())?;
            continue;
        }
        reader.sources.enter(path)?;
        let main = path.join(MAIN_FILE);
        if main.exists() {
            let real = reader.sources.inside(&main, MAIN_FILE, None)?;
            reader.file(&main, real, main.clone())?;
        } else {
            reader.directory(path)?;
        }
    }
    reader.finish()
}

/// Reads one text that has no file, such as a pasted one; `name` is what places in it are called.
///
/// # Errors
/// As [`read`]; and any `include`, because there is no directory to look in.
pub fn read_text(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Reading, ReadError> {
    let mut nobody = |_| {};
    let mut reader = Reader::new(options, &mut nobody)?;
    let (file, text) = reader.sources.take(PathBuf::from(name), bytes.to_vec())?;
    let mut preprocessor = reader.preprocessor();
    preprocessor.text(&text, file, None)?;
    let flat = preprocessor.flat;
    reader.texts.push(Source { real: PathBuf::new(), chatplan: false, flat });
    reader.finish()
}

/// A preprocessed text, waiting to be parsed.
struct Source {
    real: PathBuf,
    /// It lies in a directory of that name.
    chatplan: bool,
    flat: Flat,
}

struct Reader<'a> {
    sources: Sources<'a>,
    globals: Globals,
    included: HashSet<PathBuf>,
    unknown: HashSet<String>,
    texts: Vec<Source>,
}

impl<'a> Reader<'a> {
    fn new(options: &'a ReadOptions, progress: &'a mut dyn FnMut(Progress)) -> Result<Self, ReadError> {
        if let Some(section) =
            options.section.as_ref().filter(|name| !["dialplan", "chatplan"].contains(&name.as_str()))
        {
            return Err(ReadError::Section(section.clone()));
        }
        Ok(Self {
            sources: Sources::new(options, progress),
            globals: Globals::new(&options.define),
            included: HashSet::new(),
            unknown: HashSet::new(),
            texts: Vec::new(),
        })
    }

    fn preprocessor(&mut self) -> Preprocessor<'_, 'a> {
        Preprocessor::new(&mut self.sources, &mut self.globals, &mut self.included, &mut self.unknown)
    }

    fn file(&mut self, path: &Path, real: PathBuf, shown: PathBuf) -> Result<(), ReadError> {
        let mut preprocessor = self.preprocessor();
        preprocessor.file(path, real.clone(), shown, None)?;
        let flat = preprocessor.flat;
        // The nearest of the two names decides.
        let names = real.parent().into_iter().flat_map(Path::components).rev();
        let plan = names.map(|name| name.as_os_str()).find(|name| *name == "dialplan" || *name == "chatplan");
        let chatplan = plan.is_some_and(|name| name == "chatplan");
        self.texts.push(Source { real, chatplan, flat });
        Ok(())
    }

    /// Every file below a directory that has no main file.
    fn directory(&mut self, dir: &Path) -> Result<(), ReadError> {
        let first = self.texts.len();
        self.included.clear();
        for path in walk::files(dir, &mut self.sources)? {
            let real = self.sources.inside(&path, &path.to_string_lossy(), None)?;
            if !self.included.contains(&real) {
                self.file(&path, real, path.clone())?;
            }
        }
        // Some came before those that include them.
        let included = &self.included;
        let mut index = 0;
        self.texts.retain(|text| {
            index += 1;
            index <= first || !included.contains(&text.real)
        });
        Ok(())
    }

    fn finish(mut self) -> Result<Reading, ReadError> {
        let mut assembly = Assembly::new();
        let mut facts = Facts::default();
        for index in 0..self.texts.len() {
            self.parse(index, &mut assembly, &mut facts)?;
        }
        let options = self.sources.options;
        for (text, what) in std::mem::take(&mut assembly.left_out) {
            let place = self.texts[text]
                .flat
                .place(0, &self.sources.files)
                .map(|place| Place { column: None, ..place });
            self.sources.finding(
                Severity::Warning,
                place,
                format!("{what} is left out; FreeSWITCH never looks there"),
            );
        }
        for (text, fragment) in std::mem::take(&mut assembly.fragments) {
            let Some(into) = &options.into else { return Err(self.homeless(text, &fragment)) };
            into::place(assembly.document(), options.base.as_deref(), into, fragment).map_err(|missing| {
                ReadError::Into { into: into.clone(), segment: missing.segment, within: missing.within }
            })?;
        }
        let flats: Vec<Flat> = self.texts.into_iter().map(|text| text.flat).collect();
        for (severity, place, message) in check::check(&facts, &flats, &self.sources.files) {
            self.sources.finding(severity, place, message);
        }
        if let Some(("1234", place)) = self.globals.origin("default_password") {
            let message = "default_password is 1234, which everybody knows";
            self.sources.finding(Severity::Notice, Some(place.clone()), message);
        }
        let document = assembly.finish(self.globals.node());
        if document.children.is_empty() {
            self.sources.finding(Severity::Notice, None, "there is nothing in what was read");
        }
        self.sources.report.counts = facts.counts;
        self.sources.report.counts.variables =
            document.child("variables").map_or(0, |variables| variables.children.len());
        Ok(Reading { document, report: self.sources.finish() })
    }

    fn parse(&mut self, index: usize, assembly: &mut Assembly, facts: &mut Facts) -> Result<(), ReadError> {
        let source = &self.texts[index];
        let files = &self.sources.files;
        let text = source.flat.text();
        let parsed = parse(text, &self.sources.options.limits).map_err(|error| {
            let nowhere = || Place { file: source.real.clone(), line: 1, column: None };
            ReadError::Xml {
                place: source.flat.place(error.offset, files).unwrap_or_else(nowhere),
                open: locate::open_at(text, error.offset)
                    .and_then(|(tag, at)| Some(Box::new((tag.to_owned(), source.flat.place(at, files)?)))),
                line: shortened(text, error.offset),
                kind: error.kind,
            }
        })?;
        let more = parsed.notes.len().saturating_sub(MOST_NOTES);
        let notes: Vec<_> = parsed
            .notes
            .into_iter()
            .take(MOST_NOTES)
            .map(|note| (source.flat.place(note.offset, files), note.message))
            .collect();
        let section = match &self.sources.options.section {
            Some(section) => section,
            None if source.chatplan => "chatplan",
            None => "dialplan",
        };
        let elements = facts.collect(index, &parsed.roots, section);
        for root in parsed.roots {
            assembly.root(index, root, section);
        }
        for (place, message) in notes {
            self.sources.finding(Severity::Notice, place, message);
        }
        if more > 0 {
            self.sources.finding(Severity::Notice, None, format!("{more} remarks more of this kind"));
        }
        self.sources.understood(elements);
        Ok(())
    }

    /// The error for an element that does not say where it belongs.
    fn homeless(&self, text: usize, fragment: &Node) -> ReadError {
        let source = &self.texts[text];
        let nth = (fragment.tag.to_string(), 0);
        let offset = locate::offsets(source.flat.text(), &HashSet::from([nth.clone()])).get(&nth).copied();
        let place = source.flat.place(offset.unwrap_or_default(), &self.sources.files);
        ReadError::Fragment {
            place: place.unwrap_or_else(|| Place { file: source.real.clone(), line: 1, column: None }),
            example: into::example(&fragment.tag),
            tag: fragment.tag.to_string(),
        }
    }
}
