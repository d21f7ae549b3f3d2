//! An object as JSON.

use serde_json::{Map, Value, json};

use super::{Description, Idle, Kind};
use crate::node::Node;

/// Where an object stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seat {
    /// Its place, from 1.
    pub position: i64,
    /// The id of its owner, or of the instance.
    pub parent: i64,
}

impl Kind {
    /// All members of an object.
    pub fn object(&self, node: &Node, seat: Seat) -> Map<String, Value> {
        let mut members = Map::new();
        let mut put = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
        put("id", node.id.0.into());
        if self.frame.position {
            put("position", seat.position.into());
        }
        put("enabled", node.enabled.into());
        for field in self.fields.iter().filter(|field| field.shown) {
            put(field.name, field.json(node));
        }
        let description = node.attribute("description").unwrap_or_default();
        match self.frame.description {
            Description::Always => put("description", description.into()),
            Description::WhenThere if !description.is_empty() => put("description", description.into()),
            Description::WhenThere | Description::Never => {}
        }
        if self.frame.parent {
            put("parent", json!({ "id": seat.parent }));
        }
        for (name, value) in self.derived {
            put(name, value(node));
        }
        for (name, idle) in self.live {
            if let Some(value) = idle.json() {
                put(name, value);
            }
        }
        members
    }

    /// A stand-in for an object of which only the id counts: everything else is zero.
    pub fn reference(&self, id: i64) -> Map<String, Value> {
        let node = Node { enabled: false, ..Node::new(self.tag) };
        let mut members = self.object(&node, Seat::default());
        for field in self.fields.iter().filter(|field| field.shown) {
            members.insert(field.name.to_owned(), field.nothing());
        }
        if let Some(parent) = members.get_mut("parent") {
            *parent = Value::Null;
        }
        members.insert("id".to_owned(), id.into());
        members
    }
}

impl Idle {
    /// `None` for what is left out.
    pub fn json(self) -> Option<Value> {
        match self {
            Self::Number => Some(0.into()),
            Self::Flag => Some(false.into()),
            Self::Text => Some("".into()),
            Self::Nothing => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules;

    fn kind(name: &str) -> &'static Kind {
        modules::KINDS.iter().find(|kind| kind.name == name).unwrap()
    }

    #[test]
    fn a_user_as_documented() {
        let node = Node::new("user").with("id", "2002").with("cacheable", "5000").with("number-alias", "777");
        assert_eq!(
            Value::from(kind("directory.user").object(&node, Seat { position: 3, parent: 11 })),
            json!({
                "id": 0, "position": 3, "enabled": true, "name": "2002", "cache": 5000, "cidr": "",
                "number_alias": "777", "description": "", "parent": {"id": 11}, "call_date": 0, "in_call": false,
                "talking": false, "last_uuid": "", "call_direction": "", "sip_register": false,
                "verto_register": false
            })
        );
    }

    #[test]
    fn only_the_id_of_a_reference_counts() {
        let reference = kind("directory.user").reference(38);
        assert_eq!(reference["id"], 38);
        assert_eq!(reference["parent"], Value::Null);
        assert_eq!((&reference["enabled"], &reference["name"]), (&json!(false), &json!("")));
    }

    #[test]
    fn a_variable_without_command_is_set() {
        let node = Node::new("variable").with("name", "hostname").with("value", "x");
        let object = kind("global_variable").object(&node, Seat::default());
        assert_eq!((&object["type"], &object["dynamic"]), (&json!("set"), &json!(true)));
        assert!(!object.contains_key("parent") && !object.contains_key("description"));
    }
}
