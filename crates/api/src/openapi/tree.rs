//! The paths of the tree that have names: directory, dialplan, global variables, documents of the configuration and
//! the modules that are loaded. They are made from the declarations: one for each collection, each element that holds
//! others together, and their items, with names of functions for clients. They are all served by the one route of the
//! tree; what is deeper in other documents has that one only.

use std::collections::BTreeMap;

use custompbx_model::Node;
use custompbx_model::declare::{Element, Inside};
use custompbx_model::variables::SECTION_TAG;
use serde_json::{Map, Value, json};

use super::parts::object;
use super::{add, reference};

const SECTIONS: &[&str] = &["directory", "dialplan"];
/// Documents whose inside has paths too, and what clients call what is in them.
const DOCUMENTS: &[(&str, &str)] =
    &[("modules.conf", "Modules"), ("post_load_modules.conf", "PostLoadModules")];
/// `<configuration name=...>`, which stands in no declaration: each has its own.
static CONFIGURATION: Element = Element { tag: "configuration", key: Some("name"), ..Element::PLAIN };
/// What holds them.
static SECTION: Element = Element { tag: "section", ..Element::PLAIN };
const LIST: &[&str] = &["q", "filter", "sort", "limit", "cursor", "depth", "If-None-Match"];
const CONDITIONS: &[&str] = &["If-Match", "If-None-Match"];

/// What is common to the kinds of a part of the tree.
struct Under {
    /// The chapter of the description.
    tag: &'static str,
    /// What names begin with.
    prefix: String,
}

/// One kind of element at one path.
struct Kind {
    /// The chapter of the description.
    chapter: &'static str,
    element: &'static Element,
    /// What clients call it: `DirectoryUser`.
    name: String,
    /// The path of one.
    path: String,
    /// The path and the plural name of all of them, where they are a collection.
    collection: Option<(String, String)>,
    /// What it is from within.
    inside: Inside,
}

/// Adds the paths.
pub(super) fn add_paths(paths: &mut Map<String, Value>) {
    for kind in kinds() {
        for (path, method, operation) in kind.operations() {
            add(paths, &path, method, operation);
        }
    }
}

/// What can be sent for each kind.
pub(super) fn schemas() -> Map<String, Value> {
    kinds()
        .iter()
        .flat_map(|kind| {
            [(format!("{}Input", kind.name), kind.input()), (format!("{}Patch", kind.name), kind.patch())]
        })
        .collect()
}

fn kinds() -> Vec<Kind> {
    let mut kinds = Vec::new();
    let document = Inside::OUTSIDE.enter(&Node::new("document"));
    let section = |name: &'static str| {
        let inside = document.enter(&Node::new("section").with("name", name));
        (inside, format!("/api/v2/instances/{{instance}}/{name}"))
    };
    for name in SECTIONS {
        let (inside, path) = section(name);
        let under = Under { tag: name, prefix: pascal(name) };
        walk(&under, &inside, &path, &[], &mut kinds);
    }

    let inside = document.enter(&Node::new(SECTION_TAG));
    if let Some(element) = inside.itself() {
        let path = format!("/api/v2/instances/{{instance}}/{SECTION_TAG}");
        let under = Under { tag: SECTION_TAG, prefix: "Global".to_owned() };
        kinds.push(Kind::new(&under, element, "GlobalVariables".to_owned(), path.clone(), inside));
        walk(&under, &inside, &path, &[], &mut kinds);
    }

    let (documents, path) = section("configuration");
    let one = format!("{path}/{{configuration}}");
    let under = Under { tag: "configuration", prefix: String::new() };
    kinds.push(Kind::new(&under, &SECTION, "Configurations".to_owned(), path.clone(), documents));
    kinds.push(Kind::new(&under, &CONFIGURATION, "Configuration".to_owned(), one, documents));
    for (name, prefix) in DOCUMENTS {
        let inside = documents.enter(&Node::new("configuration").with("name", *name));
        let under = Under { prefix: (*prefix).to_owned(), ..under };
        walk(&under, &inside, &format!("{path}/{name}"), &[], &mut kinds);
    }
    kinds
}

fn walk(under: &Under, inside: &Inside, path: &str, above: &[&'static Element], into: &mut Vec<Kind>) {
    let is_wrapper = inside.is_wrapper();
    for element in inside.elements().iter().copied() {
        let is_again = above.iter().any(|known| std::ptr::eq(*known, element));
        // The wrapper of what is gathered has an address that nobody needs.
        let is_taken = !element.is_item() && inside.collections().any(|(name, _)| name == element.tag);
        if is_again || is_taken {
            continue;
        }
        let name = name_of(&under.prefix, above, element);
        let collection = element.plural.filter(|_| element.is_item() && !is_wrapper);
        let parameter = parameter(path, element.tag);
        let own = match (element.is_item(), collection) {
            (false, _) => format!("{path}/{}", element.tag),
            (true, Some(plural)) => format!("{path}/{plural}/{{{parameter}}}"),
            (true, None) => format!("{path}/{{{parameter}}}"),
        };
        let below = inside.enter(&Node::new(element.tag));
        let plural =
            collection.map(|plural| (format!("{path}/{plural}"), plural_of(&name, element.tag, plural)));
        let kind = Kind::new(under, element, name, own.clone(), below);
        into.push(Kind { collection: plural, ..kind });
        let is_pointer = is_wrapper && inside.gathers(&Node::new(element.tag));
        if !is_pointer {
            walk(under, &below, &own, &[above, &[element]].concat(), into);
        }
    }
}

/// Prefix and tags, without what everything is in (the domain, the context) and what only holds others together:
/// `DirectoryUserParam`.
fn name_of(prefix: &str, above: &[&'static Element], element: &'static Element) -> String {
    let mut items: Vec<&'static Element> = above.iter().copied().filter(|above| above.is_item()).collect();
    items.push(element);
    let is_of_the_top = items.len() < 2 || items[1].is_pair() || !items[1].is_item();
    let shown = if is_of_the_top { &items[..] } else { &items[1..] };
    let mut tags: Vec<String> = shown.iter().map(|element| pascal(element.tag)).collect();
    // A <variable> of <profile-variables> is another one than that of <variables>.
    let wrapper = above.last().filter(|above| !above.is_item()).map_or("", |wrapper| wrapper.tag);
    if let (Some(prefix), Some(last)) =
        (element.plural.and_then(|it| wrapper.strip_suffix(it)), tags.last_mut())
    {
        *last = pascal(prefix) + last;
    }
    prefix.to_owned() + &tags.concat()
}

fn plural_of(name: &str, tag: &str, plural: &str) -> String {
    format!("{}{}", name.strip_suffix(&pascal(tag)).unwrap_or(name), pascal(plural))
}

fn pascal(text: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect::<String>())
            .unwrap_or_default()
    };
    text.split('-').map(capital).collect()
}

/// A name for a part of a path that is not there yet.
fn parameter(path: &str, tag: &str) -> String {
    let name = tag.replace('-', "_");
    if path.contains(&format!("{{{name}}}")) { format!("inner_{name}") } else { name }
}

impl Kind {
    fn new(under: &Under, element: &'static Element, name: String, path: String, inside: Inside) -> Self {
        Self { chapter: under.tag, element, name, path, collection: None, inside }
    }

    fn operations(&self) -> Vec<(String, &'static str, Value)> {
        let Self { name, path, element, .. } = self;
        let tag = element.tag;
        let input = format!("{name}Input");
        let patch = format!("{name}Patch");
        let mut all = Vec::new();
        let mut one = |path: &str, method, operation| all.push((path.to_owned(), method, operation));
        let (shown, shown_parameters): (_, &[&str]) = if element.is_item() {
            ("Element", &["depth", "If-None-Match"])
        } else {
            ("ElementOrPage", LIST)
        };
        let get = self.operation(
            &format!("get{name}"),
            &format!("One <{tag}>"),
            shown_parameters,
            None,
            &[(200, shown)],
        );
        one(path, "GET", get);
        let put = self.operation(
            &format!("put{name}"),
            &format!("Make or replace a <{tag}>"),
            CONDITIONS,
            Some(&input),
            &[(200, "Written"), (201, "Written")],
        );
        one(path, "PUT", put);
        let amend = self.operation(
            &format!("patch{name}"),
            &format!("Change a <{tag}>"),
            CONDITIONS,
            Some(&patch),
            &[(200, "Written")],
        );
        one(path, "PATCH", amend);
        let delete = self.operation(
            &format!("delete{name}"),
            &format!("Delete a <{tag}>"),
            CONDITIONS,
            None,
            &[(204, "")],
        );
        one(path, "DELETE", delete);
        if element.is_item() {
            let relocate = self.operation(
                &format!("move{name}"),
                &format!("Move a <{tag}>"),
                CONDITIONS,
                Some("Move"),
                &[(200, "Written")],
            );
            one(&format!("{path}:move"), "POST", relocate);
        }
        if let Some((path, plural)) = &self.collection {
            let list = self.operation(
                &format!("list{plural}"),
                &format!("All <{tag}>, page by page"),
                LIST,
                None,
                &[(200, "Page")],
            );
            one(path, "GET", list);
        }
        // In a collection, and in what only holds others together.
        let holder = match &self.collection {
            Some((path, _)) => Some(path.as_str()),
            None if element.is_item() => path.rsplit_once('/').map(|(path, _)| path),
            None => None,
        };
        if let Some(path) = holder {
            let create = self.operation(
                &format!("create{name}"),
                &format!("Add a <{tag}>"),
                &["position", "before", "after"],
                Some(&input),
                &[(201, "Written")],
            );
            one(path, "POST", create);
        }
        all
    }

    fn operation(
        &self,
        id: &str,
        summary: &str,
        parameters: &[&str],
        body: Option<&str>,
        answers: &[(u16, &str)],
    ) -> Value {
        let mut shown = json!({
            "operationId": id,
            "tags": [self.chapter],
            "summary": summary,
            "x-role": "admin",
            "parameters": parameters.iter().map(|name| reference("parameters", name)).collect::<Vec<_>>(),
        });
        let Some(members) = shown.as_object_mut() else { return shown };
        if let Some(body) = body {
            let schema = json!({ "schema": reference("schemas", body) });
            let xml = json!({ "schema": { "type": "string" } });
            let content = match body {
                body if body.ends_with("Patch") => json!({ "application/merge-patch+json": schema }),
                "Move" => json!({ "application/json": schema }),
                _ => json!({ "application/json": schema, "application/xml": xml }),
            };
            members.insert("requestBody".to_owned(), json!({ "required": true, "content": content }));
        }
        let mut responses = Map::new();
        for (status, schema) in answers {
            let description = match status {
                201 => "It was made.",
                204 => "It is gone.",
                _ if *schema == "Written" => "It is so now.",
                _ => "Here it is.",
            };
            let mut answer = json!({ "description": description });
            if let (Some(answer), false) = (answer.as_object_mut(), schema.is_empty()) {
                let xml = json!({ "schema": { "type": "string" } });
                let content = match *schema {
                    "Page" => json!({ "application/json": { "schema": reference("schemas", schema) } }),
                    schema => {
                        json!({ "application/json": { "schema": reference("schemas", schema) }, "application/xml": xml })
                    }
                };
                answer.insert("content".to_owned(), content);
                answer.insert("headers".to_owned(), json!({ "ETag": reference("headers", "ETag") }));
            }
            responses.insert(status.to_string(), answer);
        }
        if answers.iter().any(|(_, schema)| ["Element", "Page", "ElementOrPage"].contains(schema)) {
            responses.insert("304".to_owned(), json!({ "description": "It is as it was." }));
        }
        responses.insert("401".to_owned(), reference("responses", "NotSignedIn"));
        responses.insert("403".to_owned(), reference("responses", "Forbidden"));
        responses.insert("default".to_owned(), reference("responses", "Problem"));
        members.insert("responses".to_owned(), responses.into());
        shown
    }

    /// Attributes that are known, with what they mean.
    fn attributes(&self, patch: bool) -> Value {
        let mut properties: BTreeMap<String, Value> = BTreeMap::new();
        let kind = if patch { "ScalarOrNull" } else { "Scalar" };
        let names = self
            .element
            .required
            .iter()
            .copied()
            .chain(self.element.key)
            .chain(self.element.name_attribute());
        properties.extend(names.map(|name| (name.to_owned(), reference("schemas", kind))));
        let known = self.inside.module().map_or(&[][..], |module| module.parameters());
        for parameter in known.iter().filter(|known| self.element.attributes == Some(known.scope.as_str())) {
            let described =
                json!({ "$ref": format!("#/components/schemas/{kind}"), "description": parameter.meaning });
            properties.insert(parameter.name.clone(), described);
        }
        json!({ "type": "object", "properties": properties, "additionalProperties": reference("schemas", kind) })
    }

    fn input(&self) -> Value {
        let mut properties = json!({
            "tag": { "type": "string", "const": self.element.tag },
            "key": { "type": "string", "description": "Its name; that in the address, if it is there too." },
            "enabled": { "type": "boolean" },
            "attributes": self.attributes(false),
            "text": { "type": ["string", "null"] },
            "children": { "type": "array", "items": reference("schemas", "ElementInput") },
        });
        self.add_short(&mut properties, "Values");
        object(properties, &[])
    }

    fn patch(&self) -> Value {
        let mut properties = json!({
            "enabled": { "type": "boolean" },
            "attributes": self.attributes(true),
            "text": { "type": ["string", "null"] },
        });
        self.add_short(&mut properties, "ValuesPatch");
        object(properties, &[])
    }

    fn add_short(&self, properties: &mut Value, schema: &str) {
        if let Some(properties) = properties.as_object_mut() {
            let forms = self.inside.short_forms();
            properties.extend(forms.map(|form| (form.member.to_owned(), reference("schemas", schema))));
        }
    }
}
