//! The tree by natural keys.

mod bad_input;
mod bulk;
mod changes;
mod conditions;
mod history;
mod lists;
mod openapi;
mod reading;
mod search;
mod walking;
mod xml;

use custompbx_store::Role;
use custompbx_testkit::server::{Engine, Reply, SignedIn, TestPbx};
use serde_json::Value;

/// Where the addresses of the instance begin.
pub(crate) const BASE: &str = "/api/v2/instances/default/";

/// A server, and an admin who uses it by REST.
pub(crate) struct Rest {
    pub(crate) pbx: TestPbx,
    pub(crate) admin: SignedIn,
}

pub(crate) const TREE: &str = "<document type='freeswitch/xml'>
  <section name='directory'>
    <domain name='example.com'>
      <params><param name='dial-string' value='user/${dialed_user}'/></params>
      <groups><group name='default'><users>
        <user id='1000' cidr='10.0.0.0/8'><params><param name='password' value='secret'/></params>
          <variables><variable name='accountcode' value='1000'/></variables></user>
        <user id='1001'/>
        <user id='1000' type='pointer'/>
      </users></group></groups>
      <users><user id='2000' number-alias='77'/></users>
    </domain>
  </section>
  <section name='dialplan'><context name='public'>
    <extension name='one'>
      <condition field='destination_number' expression='^1$'>
        <action application='set' data='a=1'/><action application='answer'/><anti-action application='hangup'/>
        <action application='echo'/>
      </condition>
      <condition field='x' expression='y'/>
    </extension>
    <extension name='two'/><extension name='three'/>
  </context></section>
  <section name='configuration'>
    <configuration name='sofia.conf'><profiles><profile name='internal'>
      <settings><param name='sip-port' value='5060'/><param name='apply-candidate-acl' value='a'/>
        <param name='apply-candidate-acl' value='b'/></settings>
    </profile></profiles></configuration>
    <configuration name='my.conf'><things><thing name='a'/><other/></things></configuration>
  </section>
</document>";

impl Rest {
    /// With an empty tree.
    pub(crate) async fn empty(engine: Engine) -> Self {
        let pbx = TestPbx::on(engine).await;
        let admin = pbx.sign_in_as(Role::Admin).await;
        Self { pbx, admin }
    }

    /// With a small tree.
    pub(crate) async fn small(engine: Engine) -> Self {
        let rest = Self::empty(engine).await;
        rest.pbx.import_xml(TREE).await;
        rest
    }

    /// Asks for something below the instance.
    pub(crate) async fn ask(
        &self,
        method: &str,
        address: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        let cookie = self.admin.bearer();
        let headers = [&[("Authorization", cookie.as_str())], headers].concat();
        self.pbx.http(method, &format!("{BASE}{address}"), &headers, body).await
    }

    /// GET.
    pub(crate) async fn get(&self, address: &str) -> Reply {
        self.ask("GET", address, &[], b"").await
    }

    /// GET of something that is there.
    pub(crate) async fn json(&self, address: &str) -> Value {
        let reply = self.get(address).await;
        assert_eq!(reply.status, 200, "{address}: {}", reply.text());
        assert_eq!(reply.header("content-type"), Some("application/json"));
        reply.json()
    }

    /// Sends JSON.
    pub(crate) async fn send(&self, method: &str, address: &str, body: &Value) -> Reply {
        self.send_with(method, address, &[], body).await
    }

    /// Sends JSON with headers.
    pub(crate) async fn send_with(
        &self,
        method: &str,
        address: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Reply {
        let headers = [&[("Content-Type", "application/json")], headers].concat();
        self.ask(method, address, &headers, body.to_string().as_bytes()).await
    }

    /// Sends JSON, which is refused as a problem of this status.
    pub(crate) async fn refused(&self, method: &str, address: &str, body: &Value, status: u16) -> Value {
        let reply = self.send(method, address, body).await;
        problem(&reply, status, &format!("{method} {address} {body:.60}"))
    }

    /// The newest revision of the instance.
    pub(crate) async fn revision(&self) -> i64 {
        let instance = self.pbx.pbx.instance("default").await.unwrap();
        self.pbx.pbx.store().unwrap().head_of(instance.id).await.unwrap().0
    }
}

/// A reply that is a problem of this status, with all that such a one has.
pub(crate) fn problem(reply: &Reply, status: u16, what: &str) -> Value {
    assert_eq!(reply.status, status, "{what}: {}", reply.text());
    assert!(reply.is_problem(), "{what}: {}", reply.text());
    let problem = reply.json();
    let code = problem["code"].as_str().unwrap();
    assert_eq!(problem["type"], format!("/api/v2/docs#problem-{code}"), "{what}");
    assert!(problem["title"].is_string());
    problem
}

/// A member of all items of a list.
pub(crate) fn members<'v>(items: &'v Value, member: &str) -> Vec<&'v str> {
    items.as_array().unwrap().iter().map(|item| item[member].as_str().unwrap()).collect()
}
