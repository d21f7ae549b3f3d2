//! What was tested on the way, and how FreeSWITCH's log tells of it.

use custompbx_model::NodeId;

use crate::outcome::Taken;
use crate::value::Value;

/// The extensions that were tried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// In order.
    pub extensions: Vec<ExtensionTrace>,
}

/// One extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensionTrace {
    /// Its node.
    pub node: NodeId,
    /// The context asked for.
    pub context: Value,
    /// Its name, `UNKNOWN` without one.
    pub name: Value,
    /// The attribute `continue` as written.
    pub continues: Option<Value>,
    /// The conditions that were tried.
    pub conditions: Vec<ConditionTrace>,
    /// Whether it matched.
    pub matched: bool,
}

/// One condition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConditionTrace {
    /// Its node.
    pub node: NodeId,
    /// The name of its extension in the log; of a nested one with the level.
    pub name: Value,
    /// What was tested, in order.
    pub tests: Vec<TestTrace>,
    /// Whether it passed: its actions are taken, else its anti-actions.
    pub passed: bool,
    /// `break`, as the log shows it.
    pub breaks: Value,
    /// The actions, or the anti-actions.
    pub actions: Vec<Taken>,
    /// Whether it ended its level.
    pub stopped: bool,
    /// The conditions in it, if they were tried.
    pub nested: Option<LevelTrace>,
}

/// The conditions in a condition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LevelTrace {
    /// From 1.
    pub level: u32,
    /// The name of the extension in the log.
    pub name: Value,
    /// Whether the condition around it counts only if they match.
    pub require_nested: bool,
    /// Those that were tried.
    pub conditions: Vec<ConditionTrace>,
    /// Whether they matched.
    pub matched: bool,
}

/// Which of several `<regex>` must pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The first one that passes decides.
    Any,
    /// None may fail.
    All,
    /// Exactly one.
    Xor,
}

/// One test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TestTrace {
    /// Of the time.
    Time {
        /// The node with the attributes.
        node: NodeId,
        /// Whether all hold.
        passed: bool,
        /// It is a `<regex>`'s.
        in_regex: bool,
    },
    /// A field and an expression.
    Regex {
        /// The condition or `<regex>`.
        node: NodeId,
        /// The field as written.
        field: Value,
        /// Its value.
        value: Value,
        /// The expression after expansion.
        expression: Value,
        /// Whether it matches.
        passed: bool,
        /// Why it can match nothing.
        bad: Option<String>,
        /// The groups, up to the last one that took part; nothing if the expression has none.
        groups: Vec<Option<Value>>,
        /// In a condition with `regex=`.
        rule: Option<Rule>,
    },
    /// Nothing to test.
    Absolute {
        /// The condition or `<regex>`.
        node: NodeId,
        /// In a condition with `regex=`.
        rule: Option<Rule>,
    },
}

impl Trace {
    /// The lines that FreeSWITCH logs, without line ends, with `channel` for the name of the channel. Bytes that are
    /// no text are replaced.
    pub fn lines(&self, channel: &str) -> Vec<String> {
        let mut lines = Lines { channel, lines: Vec::new() };
        for extension in &self.extensions {
            let continues = extension.continues.as_ref().map_or("false".into(), ToString::to_string);
            lines.add(
                0,
                format_args!("parsing [{}->{}] continue={continues}", extension.context, extension.name),
            );
            lines.conditions(0, &extension.conditions);
        }
        lines.lines
    }
}

struct Lines<'a> {
    channel: &'a str,
    lines: Vec<String>,
}

impl Lines<'_> {
    fn add(&mut self, level: u32, text: std::fmt::Arguments<'_>) {
        self.lines.push(format!("{}Dialplan: {} {text}", indent(level), self.channel));
    }

    fn conditions(&mut self, level: u32, conditions: &[ConditionTrace]) {
        for condition in conditions {
            for test in &condition.tests {
                self.test(level, condition, test);
            }
            for action in &condition.actions {
                let anti = if action.anti { "ANTI-" } else { "" };
                let inline = if action.inline { "INLINE" } else { "" };
                self.add(level, format_args!("{anti}Action {action} {inline}"));
            }
            if let Some(nested) = &condition.nested {
                let required = if nested.require_nested { "TRUE" } else { "FALSE" };
                self.lines.push(format!(
                    "{}Dialplan: Processing recursive conditions level:{} [{}] require-nested={required}",
                    indent(nested.level),
                    nested.level,
                    nested.name
                ));
                self.conditions(nested.level, &nested.conditions);
            }
        }
    }

    fn test(&mut self, level: u32, condition: &ConditionTrace, test: &TestTrace) {
        let (name, breaks) = (&condition.name, &condition.breaks);
        match test {
            TestTrace::Time { passed, in_regex, .. } => {
                let result = if *passed { "Date/Time Match (PASS)" } else { "Date/TimeMatch (FAIL)" };
                if *in_regex {
                    self.add(level, format_args!("{result} [{name}]"));
                } else {
                    self.add(level, format_args!("{result} [{name}] break={breaks}"));
                }
            }
            TestTrace::Regex { field, value, expression, passed, rule, .. } => {
                let result = if *passed { "PASS" } else { "FAIL" };
                let test = format!("Regex ({result}) [{name}] {field}({value}) =~ /{expression}/");
                match rule {
                    Some(rule) => self.add(level, format_args!("{test} match={}", rule.shown())),
                    None => self.add(level, format_args!("{test} break={breaks}")),
                }
            }
            TestTrace::Absolute { rule: Some(rule), .. } => {
                self.add(level, format_args!("Absolute Condition [{name}] match={}", rule.shown()));
            }
            TestTrace::Absolute { rule: None, .. } => {
                self.add(level, format_args!("Absolute Condition [{name}]"));
            }
        }
    }
}

impl Rule {
    /// The word of the attribute `regex`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::All => "all",
            Self::Xor => "xor",
        }
    }

    fn shown(self) -> &'static str {
        if self == Self::All { "all" } else { "any" }
    }
}

/// Four characters for each level.
fn indent(level: u32) -> String {
    if level == 0 { String::new() } else { format!("|{} ", "-".repeat(4 * level as usize - 1)) }
}
