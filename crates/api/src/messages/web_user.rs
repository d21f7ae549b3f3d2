//! A web user as messages show it, in the one place for it.

use custompbx_store::{Role, WebUser};
use serde_json::{Value, json};

/// The groups of web users, by number.
pub(crate) const GROUPS: [(i64, Role, &str); 4] = [
    (0, Role::Blocked, "Blocked"),
    (1, Role::Admin, "Admin"),
    (2, Role::Manager, "Manager"),
    (3, Role::User, "User"),
];

/// The number of the group that a role is.
pub(crate) fn group_id(role: Role) -> i64 {
    GROUPS.iter().find(|(_, of, _)| *of == role).map_or(0, |(id, ..)| *id)
}

/// The object that stands in `user` and in `web_users`. Neither the password nor the picture is in it.
pub(crate) fn object(user: &WebUser) -> Value {
    json!({
        "id": user.id,
        "login": user.login,
        // As the reference implementation writes a number that may be missing.
        "sip_id": {"Int64": user.sip_id.map_or(0, |id| id.0), "Valid": user.sip_id.is_some()},
        "webrtc_lib": user.webrtc_lib,
        "ws": user.ws,
        "verto_ws": user.verto_ws,
        "stun": user.stun,
        "avatar_format": user.avatar_format,
        "enabled": user.enabled,
        "lang": user.lang,
        "locale": user.locale,
        "group_id": group_id(user.role),
    })
}

#[cfg(test)]
mod tests {
    use custompbx_model::NodeId;
    use custompbx_store::WebUserId;

    use super::*;

    #[test]
    fn every_documented_field_and_no_secret() {
        let user = WebUser {
            id: WebUserId(1),
            login: "admin".to_owned(),
            password_hash: "secret".to_owned(),
            role: Role::Admin,
            enabled: true,
            created_at: 5,
            last_login_at: Some(6),
            sip_id: Some(NodeId(19)),
            webrtc_lib: "sipjs".to_owned(),
            ws: "wss://pbx.example.com:7443".to_owned(),
            verto_ws: String::new(),
            stun: String::new(),
            lang: 0,
            locale: "en".to_owned(),
            avatar_format: String::new(),
        };
        let expected = json!({
            "id": 1, "login": "admin", "sip_id": {"Int64": 19, "Valid": true}, "webrtc_lib": "sipjs",
            "ws": "wss://pbx.example.com:7443", "verto_ws": "", "stun": "", "avatar_format": "",
            "enabled": true, "lang": 0, "locale": "en", "group_id": 1,
        });
        assert_eq!(object(&user), expected);
        let nobody = object(&WebUser { sip_id: None, role: Role::Blocked, ..user });
        assert_eq!(
            (&nobody["sip_id"], &nobody["group_id"]),
            (&json!({"Int64": 0, "Valid": false}), &json!(0))
        );
    }
}
