//! What can be done with templates, for the description of the API.

use serde_json::{Value, json};

use crate::openapi::{Answer, Body, JSON, Operation};

const ALL: &str = "/api/v2/templates";
const ONE: &str = "/api/v2/templates/{template}";
const FORM: &str = "/api/v2/templates/{template}/form";
const USERS: &str = "/api/v2/templates/{template}/users";
const PARAMS: &str = "/api/v2/templates/{template}/params";
const VARIABLES: &str = "/api/v2/templates/{template}/variables";
const FIELD: &str = "/api/v2/templates/{template}/{list}/{item}";
const DONE: Answer = Answer { status: 204, description: "It is gone.", ..Answer::OK };
const FIELD_BODY: Option<Body> = Some(Body {
    schema: "TemplateFieldInput",
    media: &[JSON],
    example: r#"{"name": "vm-password", "placeholder": "PIN of the mailbox", "editable": true, "show": true, "required": true}"#,
});
const MADE_FIELD: &[Answer] = &[Answer {
    status: 201,
    description: "It is made.",
    schema: "TemplateField",
    headers: &["Location"],
    ..Answer::OK
}];

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        description: "An admin gets all of them, a manager the enabled ones of the domain of their own user of the \
                      directory.",
        answers: &[Answer { schema: "Templates", ..Answer::OK }],
        ..Operation::new("GET", ALL, "listTemplates", "templates", "The templates that one may use")
    },
    Operation {
        body: Some(Body {
            schema: "TemplateInput",
            media: &[JSON],
            example: r#"{"name": "office phone", "domain_id": 12, "cache": 1000}"#,
        }),
        answers: &[Answer {
            status: 201,
            description: "It is made.",
            schema: "Template",
            headers: &["Location"],
            ..Answer::OK
        }],
        ..Operation::new("POST", ALL, "createTemplate", "templates", "Add a template")
    },
    Operation {
        answers: &[Answer { schema: "Template", ..Answer::OK }],
        ..Operation::new(
            "GET",
            ONE,
            "getTemplate",
            "templates",
            "A template with its parameters and variables",
        )
    },
    Operation {
        description: "What is left out stays.",
        body: Some(Body { schema: "TemplateInput", media: &[JSON], example: r#"{"enabled": false}"# }),
        answers: &[Answer { schema: "Template", ..Answer::OK }],
        ..Operation::new("PATCH", ONE, "patchTemplate", "templates", "Change a template")
    },
    Operation {
        answers: &[DONE],
        ..Operation::new("DELETE", ONE, "deleteTemplate", "templates", "Remove a template")
    },
    Operation {
        answers: &[Answer { schema: "TemplateForm", ..Answer::OK }],
        ..Operation::new(
            "GET",
            FORM,
            "getTemplateForm",
            "templates",
            "What is to be filled in for a new user",
        )
    },
    Operation {
        description: "A password is made up when neither the template nor the form has one.",
        body: Some(Body {
            schema: "TemplateUserInput",
            media: &[JSON],
            example: r#"{"name": "7001", "params": [], "variables": []}"#,
        }),
        answers: &[Answer { status: 201, description: "It is made.", schema: "TemplateUser", ..Answer::OK }],
        ..Operation::new("POST", USERS, "createUserFromTemplate", "templates", "Make a user of the directory")
    },
    Operation {
        body: FIELD_BODY,
        answers: MADE_FIELD,
        ..Operation::new("POST", PARAMS, "createTemplateParam", "templates", "Add a parameter to a template")
    },
    Operation {
        body: FIELD_BODY,
        answers: MADE_FIELD,
        ..Operation::new(
            "POST",
            VARIABLES,
            "createTemplateVariable",
            "templates",
            "Add a variable to a template",
        )
    },
    Operation {
        description: "What is left out stays.",
        body: FIELD_BODY,
        answers: &[Answer { schema: "TemplateField", ..Answer::OK }],
        ..Operation::new("PATCH", FIELD, "patchTemplateField", "templates", "Change a parameter or variable")
    },
    Operation {
        answers: &[DONE],
        ..Operation::new(
            "DELETE",
            FIELD,
            "deleteTemplateField",
            "templates",
            "Remove a parameter or variable",
        )
    },
];

pub(crate) fn schemas() -> Value {
    let text = json!({ "type": "string" });
    let flag = json!({ "type": "boolean" });
    let list =
        |name: &str| json!({ "type": "array", "items": { "$ref": format!("#/components/schemas/{name}") } });
    json!({
        "Templates": { "type": "object", "required": ["items"], "properties": { "items": list("Template") } },
        "Template": {
            "type": "object",
            "required": ["id", "name", "domain_id", "enabled"],
            "properties": {
                "id": { "type": "integer" }, "name": text, "domain_id": { "type": "integer" },
                "directory_name": text, "cache": { "type": "integer" }, "cidr": text, "number_alias": text,
                "enabled": flag, "params": list("TemplateField"), "variables": list("TemplateField"),
            },
        },
        "TemplateInput": {
            "type": "object",
            "properties": {
                "name": { "type": "string", "minLength": 1, "maxLength": 100 },
                "domain_id": { "type": "integer", "description": "The domain's node." },
                "directory_name": { "type": "string", "maxLength": 100, "description": "For people." },
                "cache": { "type": "integer", "minimum": 0, "description": "Milliseconds that FreeSWITCH may keep new users." },
                "cidr": text, "number_alias": text, "enabled": flag,
            },
            "additionalProperties": false,
        },
        "TemplateField": {
            "type": "object",
            "required": ["id", "name", "value", "enabled"],
            "properties": {
                "id": { "type": "integer" }, "name": text, "value": text, "description": text,
                "placeholder": text, "editable": flag, "show": flag, "required": flag, "enabled": flag,
            },
        },
        "TemplateFieldInput": {
            "type": "object",
            "properties": {
                "name": { "type": "string", "minLength": 1 }, "value": text, "description": text,
                "placeholder": { "type": "string", "description": "What the form shows in the place of the name." },
                "editable": flag, "show": flag, "required": flag, "enabled": flag,
            },
            "additionalProperties": false,
        },
        "TemplateForm": {
            "type": "object",
            "required": ["id", "name", "params", "variables"],
            "properties": {
                "id": { "type": "integer" }, "name": text,
                "params": list("TemplateFormField"), "variables": list("TemplateFormField"),
            },
        },
        "TemplateFormField": {
            "type": "object",
            "required": ["id", "name", "value", "editable", "required"],
            "properties": {
                "id": { "type": "integer" }, "name": text, "value": text, "description": text,
                "editable": flag, "required": flag,
            },
        },
        "TemplateUserInput": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": { "type": "string", "minLength": 1 },
                "params": list("TemplateValue"), "variables": list("TemplateValue"),
            },
            "additionalProperties": false,
        },
        "TemplateValue": {
            "type": "object",
            "required": ["id", "value"],
            "properties": { "id": { "type": "integer" }, "value": text },
            "additionalProperties": false,
        },
        "TemplateUser": {
            "type": "object",
            "required": ["id", "name"],
            "properties": { "id": { "type": "integer" }, "name": text },
        },
    })
}
