//! An extension, compiled: everything that does not depend on the call is done once.

use std::collections::HashMap;

use custompbx_model::node::TEXT_TAG;
use custompbx_model::variables::Variables;
use custompbx_model::{Node, NodeId};

use crate::expand::expand_constant;
use crate::needs::Needs;
use crate::pattern::{Compiled, Pattern};
use crate::profile::ProfileField;
use crate::text::Text;
use crate::time::TimeTest;
use crate::trace::Rule;
use crate::value::Value;
use crate::variables::hash;
use crate::words::{atoi, is_true, same_word};

/// One extension of a context.
///
/// A call looks at thousands of them, and hardly any matches. What is needed until one does is kept small and together,
/// because memory that is not in the processor's cache takes longer than the matching.
#[derive(Debug)]
pub struct Extension {
    pub(crate) conditions: Vec<Condition>,
    head: Box<Head>,
}

/// What an extension is beside its conditions.
#[derive(Debug)]
struct Head {
    /// What it was compiled from.
    source: Node,
    /// Whether a value of a global variable can have come into it.
    has_globals: bool,
    name: Text,
    /// Whether there is a name at all.
    is_named: bool,
    continues: Option<Text>,
}

/// One condition; the names are those of its attributes.
#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) node: NodeId,
    pub(crate) time: Option<Box<TimeTest>>,
    pub(crate) test: Test,
    pub(crate) breaks: Break,
    pub(crate) has_anti_actions: bool,
    pub(crate) has_nested: bool,
    /// See [`Body::missing`].
    pub(crate) has_missing: bool,
    pub(crate) body: Box<Body>,
}

/// What of a condition matters once it has passed or failed.
#[derive(Debug)]
pub(crate) struct Body {
    /// `break`, as the log shows it.
    pub(crate) breaks_shown: Value,
    /// Attributes whose meaning only the switch knows, because of the global variables in them.
    pub(crate) missing: Option<(&'static str, Value)>,
    pub(crate) actions: Vec<Action>,
    pub(crate) anti_actions: Vec<Action>,
    pub(crate) require_nested: bool,
    pub(crate) nested: Vec<Condition>,
}

/// What a condition tests beside the time.
#[derive(Debug)]
pub(crate) enum Test {
    /// Rule 13: nothing.
    Absolute,
    /// Rule 12.
    Match(Match),
    /// Rule 21.
    Rules(Rule, Vec<RegexRule>),
}

/// A field and an expression.
#[derive(Debug)]
pub(crate) struct Match {
    pub(crate) source: Source,
    /// What the field must have so that the expression can match.
    pub(crate) needs: Needs,
    /// The expression compiled, if it is the same for every call.
    pub(crate) fixed: Option<Compiled>,
    /// Rule 39, of that one.
    pub(crate) has_groups: bool,
    /// Rule 30: the expression is expanded, be it only that there is a backslash in it.
    pub(crate) is_expanded: bool,
    pub(crate) written: Box<Written>,
}

/// A field and an expression as they are written.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) field: Text,
    pub(crate) expression: Text,
    /// The expression after expansion, if that is the same for every call.
    pub(crate) expanded: Option<Value>,
}

/// Where the value of a field comes from.
#[derive(Debug)]
pub(crate) enum Source {
    /// Rule 28.
    Profile(ProfileField),
    /// Rule 28: a name that there is not; rule 14: no name at all.
    Nothing,
    /// Rule 29: `${name}` alone, the most common form.
    Variable(Box<Name>),
    /// Rule 29: any other text with `$`.
    Expanded,
    /// Rule 29: a text with `$` in which there is nothing to expand.
    Itself,
}

/// The name of a variable.
#[derive(Debug)]
pub(crate) struct Name {
    pub(crate) name: Value,
    pub(crate) hash: u32,
}

/// A `<regex>`.
#[derive(Debug)]
pub(crate) struct RegexRule {
    pub(crate) node: NodeId,
    pub(crate) time: Option<TimeTest>,
    /// The expression is expanded even without a field.
    pub(crate) test: Option<Match>,
}

/// Rule 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Break {
    OnTrue,
    OnFalse,
    Always,
    Never,
}

/// An action or anti-action.
#[derive(Debug)]
pub(crate) struct Action {
    pub(crate) node: NodeId,
    pub(crate) application: Text,
    pub(crate) data: Text,
    pub(crate) times: u32,
    pub(crate) inline: bool,
    /// As in [`Condition::missing`].
    pub(crate) missing: Option<(&'static str, Value)>,
}

/// Compiles extensions, and keeps equal expressions once.
pub(crate) struct Compiler<'g> {
    globals: Option<&'g Variables>,
    patterns: HashMap<Value, Compiled>,
}

/// Conditions are nested no deeper than this; the switch does not look below 100.
pub(crate) const DEEPEST: u32 = 100;

impl Extension {
    /// The node that it was compiled from.
    pub fn node(&self) -> &Node {
        &self.head.source
    }

    /// Rule 4: its name, `UNKNOWN` without one.
    pub fn name(&self) -> &Value {
        self.head.name.value()
    }

    /// The name, if there is one.
    pub(crate) fn given_name(&self) -> Option<&Text> {
        Some(&self.head.name).filter(|_| self.head.is_named)
    }

    pub(crate) fn continues(&self) -> Option<&Text> {
        self.head.continues.as_ref()
    }

    pub(crate) fn has_globals(&self) -> bool {
        self.head.has_globals
    }
}

impl<'g> Compiler<'g> {
    /// `globals`: the values of `$${name}`; none for an answer, which has been through the switch's preprocessor.
    pub(crate) fn new(globals: Option<&'g Variables>) -> Self {
        Self { globals, patterns: HashMap::new() }
    }

    pub(crate) fn extension(&mut self, node: &Node) -> Extension {
        let name = node.attribute("name");
        let head = Head {
            name: self.text(name.unwrap_or("UNKNOWN")),
            is_named: name.is_some(),
            continues: node.attribute("continue").map(|text| self.text(text)),
            has_globals: has_globals(node),
            source: node.clone(),
        };
        Extension { conditions: self.conditions(node, 0), head: Box::new(head) }
    }

    fn text(&self, written: &str) -> Text {
        Text::of(written, self.globals)
    }

    // Rule 8: children of one kind in their order; others do not matter.
    fn conditions(&mut self, node: &Node, level: u32) -> Vec<Condition> {
        // Rule 20: what is below is never looked at.
        let nodes = node.children_named("condition").filter(|_| level <= DEEPEST + 1);
        nodes.filter(|node| node.enabled).map(|node| self.condition(node, level)).collect()
    }

    fn condition(&mut self, node: &Node, level: u32) -> Condition {
        let mut missing = None;
        let breaks = self.word(node, "break", &mut missing);
        let (breaks, breaks_shown) = Break::of(breaks.as_ref());
        let rule = self.word(node, "regex", &mut missing);
        let required = self.word(node, "require-nested", &mut missing);
        let test = match rule {
            Some(rule) => {
                let nodes = node.children_named("regex").filter(|node| node.enabled);
                Test::Rules(Rule::of(rule.shown()), nodes.map(|node| self.rule(node)).collect())
            }
            None => self.test(node).map_or(Test::Absolute, Test::Match),
        };
        let body = Body {
            breaks_shown,
            actions: self.actions(node, "action"),
            anti_actions: self.actions(node, "anti-action"),
            // Rule 18: an empty one is false too.
            require_nested: required.is_none_or(|text| is_true(text.shown())),
            nested: self.conditions(node, level + 1),
            missing,
        };
        Condition {
            node: node.id,
            time: TimeTest::of(node, self.globals).map(Box::new),
            test,
            breaks,
            has_anti_actions: !body.anti_actions.is_empty(),
            has_nested: !body.nested.is_empty(),
            has_missing: body.missing.is_some(),
            body: Box::new(body),
        }
    }

    /// An attribute that the compiler itself understands.
    fn word(
        &self,
        node: &Node,
        name: &'static str,
        missing: &mut Option<(&'static str, Value)>,
    ) -> Option<Text> {
        let text = self.text(node.attribute(name)?);
        if let Some(global) = text.missing().first() {
            missing.get_or_insert_with(|| (name, global.clone()));
        }
        Some(text)
    }

    fn rule(&mut self, node: &Node) -> RegexRule {
        RegexRule { node: node.id, time: TimeTest::of(node, self.globals), test: self.test(node) }
    }

    /// None without a field; then the expression does not matter.
    fn test(&mut self, node: &Node) -> Option<Match> {
        let field = self.text(node.attribute("field")?);
        let expression = self.expression(node);
        // Most of what is expanded in expressions is nothing but `\\s` and its like.
        let expanded = expand_constant(expression.shown()).filter(|_| expression.missing().is_empty());
        let is_fixed = expression.missing().is_empty() && (expanded.is_some() || !expression.expands());
        let text = expanded.as_ref().unwrap_or_else(|| expression.value());
        let fixed = is_fixed.then(|| self.pattern(text));
        Some(Match {
            source: Source::of(&field),
            // Of one that does not compile nothing is known without asking for the reason.
            needs: match &fixed {
                Some(Ok(_)) => Needs::of(text.as_bytes()),
                _ => Needs::default(),
            },
            fixed,
            has_groups: has_groups(text.as_bytes()),
            is_expanded: expression.expands(),
            written: Box::new(Written { field, expression, expanded }),
        })
    }

    /// Rule 35.
    fn expression(&self, node: &Node) -> Text {
        match node.children_named("expression").find(|child| child.enabled) {
            Some(child) => self.text(&text_of(child)),
            None => self.text(node.attribute("expression").unwrap_or_default()),
        }
    }

    fn pattern(&mut self, text: &Value) -> Compiled {
        let compile = || Pattern::compile(text.as_bytes());
        self.patterns.entry(text.clone()).or_insert_with(compile).clone()
    }

    fn actions(&mut self, node: &Node, tag: &str) -> Vec<Action> {
        node.children_named(tag).filter(|node| node.enabled).map(|node| self.action(node)).collect()
    }

    fn action(&mut self, node: &Node) -> Action {
        // Rule 43.
        let text = text_of(node);
        let data = if text.is_empty() { node.attribute("data").unwrap_or_default() } else { &text };
        let mut missing = None;
        let times = self.word(node, "loop", &mut missing);
        let inline = self.word(node, "inline", &mut missing);
        Action {
            node: node.id,
            application: self.text(node.attribute("application").unwrap_or_default()),
            data: self.text(data),
            // Rule 44.
            times: times.map_or(1, |text| u32::try_from(atoi(text.shown())).unwrap_or(0)),
            // Rule 45.
            inline: inline.is_some_and(|text| is_true(text.shown())),
            missing,
        }
    }
}

/// Rule 9: the character data of an element, without that of its children.
fn text_of(node: &Node) -> String {
    let own = node.text.iter().map(|text| &**text);
    let between = node.children_named(TEXT_TAG).filter_map(|run| run.text.as_deref());
    own.chain(between).collect()
}

fn has_globals(node: &Node) -> bool {
    let mut found = false;
    node.walk(&mut |node| {
        let values = node.attributes.iter().map(|(_, value)| value);
        found |= values.chain(&node.text).any(|text| text.contains("$${"));
    });
    found
}

/// Rule 39.
pub(crate) fn has_groups(expression: &[u8]) -> bool {
    expression.contains(&b'(')
}

impl Source {
    fn of(field: &Text) -> Self {
        let text = field.shown();
        if !text.contains(&b'$') {
            return ProfileField::named(text).map_or(Self::Nothing, Self::Profile);
        }
        if !field.expands() {
            return Self::Itself;
        }
        let inner = text.strip_prefix(b"${").and_then(|rest| rest.strip_suffix(b"}"));
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        match inner.filter(|name| !name.is_empty() && name.iter().all(is_plain)) {
            Some(name) => Self::Variable(Box::new(Name { name: name.into(), hash: hash(name) })),
            None => Self::Expanded,
        }
    }
}

impl Rule {
    fn of(word: &[u8]) -> Self {
        if same_word(word, b"all") {
            Self::All
        } else if same_word(word, b"xor") {
            Self::Xor
        } else {
            Self::Any
        }
    }
}

impl Break {
    fn of(text: Option<&Text>) -> (Self, Value) {
        const WORDS: [(&str, Break); 4] = [
            ("on-true", Break::OnTrue),
            ("on-false", Break::OnFalse),
            ("always", Break::Always),
            ("never", Break::Never),
        ];
        let known = text.and_then(|text| {
            let word = WORDS.iter().find(|(word, _)| same_word(word.as_bytes(), text.shown()))?;
            Some((word.1, text.value().clone()))
        });
        known.unwrap_or_else(|| (Self::OnFalse, "on-false".into()))
    }
}
