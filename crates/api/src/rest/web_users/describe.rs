//! What can be done with web users, for the description of the API.

use serde_json::{Value, json};

use crate::openapi::{Answer, Body, JSON, Operation};

const ALL: &str = "/api/v2/web-users";
const ONE: &str = "/api/v2/web-users/{user}";
const PASSWORD: &str = "/api/v2/web-users/{user}/password";
const AVATAR: &str = "/api/v2/web-users/{user}/avatar";
const PICTURES: &[&str] = &["image/png", "image/jpeg", "image/gif"];
const OWN: &str = "Whoever is no admin has to do with themselves only.";
const DONE: Answer = Answer { status: 204, description: "It is done.", ..Answer::OK };

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        answers: &[Answer { schema: "WebUsers", ..Answer::OK }],
        ..Operation::new("GET", ALL, "listWebUsers", "web-users", "All web users, by login")
    },
    Operation {
        body: Some(Body {
            schema: "NewWebUser",
            media: &[JSON],
            example: r#"{"login": "alice", "password": "a long secret", "role": "manager"}"#,
        }),
        answers: &[Answer {
            status: 201,
            description: "It is made.",
            schema: "WebUser",
            headers: &["Location"],
            ..Answer::OK
        }],
        ..Operation::new("POST", ALL, "createWebUser", "web-users", "Add a web user")
    },
    Operation {
        description: OWN,
        answers: &[Answer { schema: "WebUser", ..Answer::OK }],
        ..Operation::new("GET", ONE, "getWebUser", "web-users", "One web user")
    },
    Operation {
        description: "What is left out stays. Whoever is no admin changes only their own telephone and language; nobody \
                      takes their own role or disables themselves, and one admin is always left. A lost right ends \
                      sessions at once.",
        body: Some(Body {
            schema: "WebUserChanges",
            media: &[JSON],
            example: r#"{"locale": "de", "webrtc_lib": "sipjs", "ws": "wss://pbx.example.com:7443"}"#,
        }),
        answers: &[Answer { schema: "WebUser", ..Answer::OK }],
        ..Operation::new("PATCH", ONE, "patchWebUser", "web-users", "Change a web user")
    },
    Operation {
        answers: &[DONE],
        ..Operation::new("DELETE", ONE, "deleteWebUser", "web-users", "Remove a web user with its tokens")
    },
    Operation {
        description: "Ends the other sessions and tokens of the web user. Whoever is no admin changes only their own.",
        body: Some(Body {
            schema: "NewPassword",
            media: &[JSON],
            example: r#"{"password": "another long secret"}"#,
        }),
        answers: &[DONE],
        ..Operation::new(
            "PUT",
            PASSWORD,
            "putWebUserPassword",
            "web-users",
            "Give a web user another password",
        )
    },
    Operation {
        description: OWN,
        answers: &[Answer { schema: "Picture", media: PICTURES, ..Answer::OK }],
        ..Operation::new("GET", AVATAR, "getWebUserAvatar", "web-users", "A web user's picture")
    },
    Operation {
        description: "PNG, JPEG or GIF, at most 512,000 bytes. Whoever is no admin changes only their own.",
        body: Some(Body { schema: "Picture", media: PICTURES, example: "null" }),
        answers: &[DONE],
        ..Operation::new("PUT", AVATAR, "putWebUserAvatar", "web-users", "Give a web user a picture")
    },
    Operation {
        description: OWN,
        answers: &[DONE],
        ..Operation::new("DELETE", AVATAR, "deleteWebUserAvatar", "web-users", "Take a web user's picture")
    },
];

pub(crate) fn schemas() -> Value {
    let role = json!({ "type": "string", "enum": ["admin", "manager", "user", "blocked"] });
    let time = json!({ "type": ["string", "null"], "format": "date-time" });
    json!({
        "Picture": { "type": "string", "description": "The content of a picture." },
        "WebUsers": {
            "type": "object",
            "required": ["items"],
            "properties": {
                "items": { "type": "array", "items": { "$ref": "#/components/schemas/WebUser" } },
            },
        },
        "WebUser": {
            "type": "object",
            "required": ["id", "login", "role", "enabled"],
            "properties": {
                "id": { "type": "integer" },
                "login": { "type": "string" },
                "role": role,
                "enabled": { "type": "boolean" },
                "sip_id": { "type": ["integer", "null"], "description": "The node of the directory's user who it is." },
                "webrtc_lib": { "type": "string", "enum": ["sipjs", "verto"] },
                "ws": { "type": "string" },
                "verto_ws": { "type": "string" },
                "stun": { "type": "string" },
                "locale": { "type": "string" },
                "avatar": { "type": ["string", "null"], "description": "Where its picture is." },
                "created_at": time,
                "last_login_at": time,
            },
        },
        "NewWebUser": {
            "type": "object",
            "required": ["login", "password", "role"],
            "properties": {
                "login": { "type": "string", "minLength": 1, "maxLength": 100 },
                "password": { "type": "string", "format": "password", "minLength": 6, "maxLength": 1024 },
                "role": role,
            },
            "additionalProperties": false,
        },
        "WebUserChanges": {
            "type": "object",
            "properties": {
                "login": { "type": "string", "minLength": 1, "maxLength": 100 },
                "role": role,
                "enabled": { "type": "boolean" },
                "sip_id": { "type": ["integer", "null"] },
                "webrtc_lib": { "type": "string", "enum": ["sipjs", "verto"] },
                "ws": { "type": "string", "description": "Begins with ws:// or wss://, or is empty." },
                "verto_ws": { "type": "string", "description": "Begins with ws:// or wss://, or is empty." },
                "stun": { "type": "string", "description": "stun:host:port, or empty." },
                "locale": { "type": "string", "enum": custompbx_pbx::account::LOCALES },
            },
            "additionalProperties": false,
        },
        "NewPassword": {
            "type": "object",
            "required": ["password"],
            "properties": {
                "password": { "type": "string", "format": "password", "minLength": 6, "maxLength": 1024 },
            },
            "additionalProperties": false,
        },
    })
}
