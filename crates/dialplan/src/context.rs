//! A context, compiled.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use custompbx_model::variables::Variables;
use custompbx_model::{Node, NodeId};

use crate::extension::{Compiler, Extension};
use crate::gate::Gates;
use crate::pattern::{Compiled, Pattern};

/// A context, ready to be asked. Calls share it, from any thread; only expressions that depend on the call take a lock,
/// for the moment of a look-up.
#[derive(Debug, Default)]
pub struct Context {
    name: String,
    node: NodeId,
    extensions: Vec<Arc<Extension>>,
    pub(crate) gates: Gates,
    globals: Option<Variables>,
    pub(crate) expanded: PatternCache,
}

impl Context {
    /// Compiles the node `<context>`, without what is disabled in it. In the texts `$${name}` is replaced by the values
    /// of `globals`, as the switch does with an answer. Extensions that are in `previous` just so are taken from there.
    pub fn compile(node: &Node, globals: &Variables, previous: Option<&Self>) -> Self {
        Self::new(node, Some(globals), previous)
    }

    /// [`Context::compile`] for a node of an answer that the switch's preprocessor has seen already.
    pub fn of_answer(node: &Node, previous: Option<&Self>) -> Self {
        Self::new(node, None, previous)
    }

    fn new(node: &Node, globals: Option<&Variables>, previous: Option<&Self>) -> Self {
        // Other values of the variables change texts in an extension that is the same.
        let same_globals = previous.is_some_and(|previous| previous.globals.as_ref() == globals);
        let is_same = |extension: &Extension, node: &Node| {
            (same_globals || !extension.has_globals()) && extension.node() == node
        };
        let mut old: HashMap<(NodeId, usize), &Arc<Extension>> = HashMap::new();
        for (position, extension) in previous.iter().flat_map(|context| context.extensions.iter().enumerate())
        {
            old.insert(key(extension.node(), position), extension);
        }
        let mut compiler = Compiler::new(globals);
        let mut extensions = Vec::new();
        // Rule 4.
        let nodes = node.children_named("extension").filter(|node| node.enabled);
        for (position, node) in nodes.enumerate() {
            match old.get(&key(node, position)).filter(|extension| is_same(extension, node)) {
                Some(extension) => extensions.push(Arc::clone(extension)),
                None => extensions.push(Arc::new(compiler.extension(node))),
            }
        }
        Self {
            name: node.attribute("name").unwrap_or_default().to_owned(),
            node: node.id,
            gates: Gates::of(extensions.iter().map(|extension| &**extension)),
            extensions,
            globals: globals.cloned(),
            expanded: PatternCache::default(),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The node that it was compiled from.
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// The extensions, in order.
    pub fn extensions(&self) -> &[Arc<Extension>] {
        &self.extensions
    }
}

/// Where an extension is looked for: by its id, or if it is not stored by its position.
fn key(node: &Node, position: usize) -> (NodeId, usize) {
    if node.id == NodeId::NEW { (node.id, position) } else { (node.id, 0) }
}

/// Expressions that came out of expansions.
#[derive(Default)]
pub(crate) struct PatternCache(Mutex<HashMap<Vec<u8>, Compiled>>);

/// So many are kept; then it begins anew.
const MOST_KEPT: usize = 256;
/// Longer ones are not kept.
const LONGEST_KEPT: usize = 4096;

impl PatternCache {
    pub(crate) fn get(&self, expression: &[u8]) -> Compiled {
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(expression) {
            return known.clone();
        }
        // Nobody waits while it is compiled.
        let compiled = Pattern::compile(expression);
        if expression.len() <= LONGEST_KEPT {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() >= MOST_KEPT {
                kept.clear();
            }
            kept.insert(expression.to_vec(), compiled.clone());
        }
        compiled
    }
}

impl std::fmt::Debug for PatternCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PatternCache").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extension(name: &str, expression: &str) -> Node {
        let condition = Node::new("condition").with("field", "rdnis").with("expression", expression);
        Node::new("extension").with("name", name).containing([condition])
    }

    fn context(extensions: impl IntoIterator<Item = Node>) -> Node {
        Node::new("context").with("name", "c").containing(extensions)
    }

    #[test]
    fn only_what_changed_is_compiled_again() {
        let globals = Variables::default();
        let mut new = context((0..5).map(|number| extension(&number.to_string(), "^1")));
        let first = Context::compile(&new, &globals, None);
        new.children[2] = extension("2", "^2");
        let second = Context::compile(&new, &globals, Some(&first));
        for (position, (a, b)) in first.extensions().iter().zip(second.extensions()).enumerate() {
            assert_eq!(Arc::ptr_eq(a, b), position != 2, "{position}");
        }
        // Other values of the variables matter only where there are variables.
        let mut other = Variables::default();
        other.set("a", "b");
        new.children[1] = extension("1", "^$${a}");
        let third = Context::compile(&new, &globals, Some(&second));
        let fourth = Context::compile(&new, &other, Some(&third));
        assert!(Arc::ptr_eq(&third.extensions()[0], &fourth.extensions()[0]));
        assert!(!Arc::ptr_eq(&third.extensions()[1], &fourth.extensions()[1]));
    }

    #[test]
    fn stored_extensions_are_found_wherever_they_moved() {
        let stored = |id, name| Node { id: NodeId(id), ..extension(name, "^1") };
        let globals = Variables::default();
        let first = Context::compile(&context([stored(1, "a"), stored(2, "b")]), &globals, None);
        let second = Context::compile(
            &context([stored(3, "c"), stored(2, "b"), stored(1, "a")]),
            &globals,
            Some(&first),
        );
        assert!(Arc::ptr_eq(&first.extensions()[0], &second.extensions()[2]));
        assert!(Arc::ptr_eq(&first.extensions()[1], &second.extensions()[1]));
    }

    #[test]
    fn it_is_shared_between_threads() {
        fn is_shared<T: Send + Sync>() {}
        is_shared::<Context>();
        let cache = PatternCache::default();
        for number in 0..1000 {
            assert!(cache.get(number.to_string().as_bytes()).is_ok());
        }
        assert!(cache.0.lock().unwrap().len() <= MOST_KEPT);
        assert!(Arc::ptr_eq(&cache.get(b"999").unwrap(), &cache.get(b"999").unwrap()));
    }
}
