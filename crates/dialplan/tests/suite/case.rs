//! The cases in `tests/cases`, and running one.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use custompbx_dialplan::{Call, Context, Detail, Globals, Outcome, ProcessZone, Timezones, raw};
use serde_json::Value;

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

fn file(name: &str) -> String {
    let path = directory().join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All cases, each with the name of its file.
pub(crate) fn all() -> Vec<(String, Value)> {
    let mut names: Vec<_> = std::fs::read_dir(directory())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".jsonl"))
        .collect();
    names.sort();
    let mut cases = Vec::new();
    for name in names {
        cases.extend(file(&name).lines().map(|line| (name.clone(), serde_json::from_str(line).unwrap())));
    }
    cases
}

pub(crate) fn globals() -> Globals {
    let known: serde_json::Map<String, Value> = serde_json::from_str(&file("globals.json")).unwrap();
    Globals::exactly(known.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())))
}

/// What the cases share.
pub(crate) struct Shared {
    pub(crate) globals: Globals,
    pub(crate) timezones: Arc<Timezones>,
    /// Answers that came before; the vanilla ones come often.
    answers: RefCell<HashMap<String, Rc<Answer>>>,
}

/// The global variables after an answer, and its contexts.
struct Answer {
    globals: Arc<Globals>,
    contexts: Vec<Rc<Context>>,
}

impl Shared {
    pub(crate) fn new() -> Self {
        Self { globals: globals(), timezones: Arc::new(Timezones::vanilla()), answers: RefCell::default() }
    }

    /// The call of a case, and the context that is asked; none if there is none.
    pub(crate) fn prepare(&self, case: &Value) -> (Call, Option<Rc<Context>>) {
        let text = match case["context_file"].as_str() {
            Some(name) => file(name),
            None => case["context_xml"].as_str().unwrap().to_owned(),
        };
        let answer = self.answer(&text);
        let mut call = Call::from_body(case["request_body"].as_str().unwrap()).unwrap();
        assert_eq!(call.ambiguous, None, "{}", case["id"]);
        call.globals = answer.globals.clone();
        call.timezones = self.timezones.clone();
        call.zone = ProcessZone::named(case["tz"].as_str().unwrap()).unwrap();
        for (key, result) in case["api"].as_object().into_iter().flatten() {
            call.set_api_call(key, result.as_str().unwrap());
        }
        let chosen = call.choose(answer.contexts.iter().map(|context| context.name()));
        (call, chosen.map(|position| answer.contexts[position].clone()))
    }

    fn answer(&self, text: &str) -> Rc<Answer> {
        if let Some(known) = self.answers.borrow().get(text) {
            return known.clone();
        }
        let read = raw::read(text, &self.globals).unwrap();
        let contexts = read.contexts.iter().map(|node| Rc::new(Context::of_answer(node, None))).collect();
        let answer = Rc::new(Answer { globals: Arc::new(read.globals), contexts });
        self.answers.borrow_mut().insert(text.to_owned(), answer.clone());
        answer
    }

    pub(crate) fn run(&self, case: &Value) -> Option<Outcome> {
        let (call, context) = self.prepare(case);
        context.map(|context| context.evaluate(&call, Detail::Trace))
    }
}

/// The texts of a list.
pub(crate) fn texts(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}
