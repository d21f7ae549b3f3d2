//! `kill -9` of the server, and of the switch, in each phase: afterwards all is as if nothing had happened.

use std::thread;
use std::time::{Duration, Instant};

use custompbx_testkit::event_socket::{CORE, EventSocket, Manner, PASS};
use serde_json::{Value, json};

use crate::program::{Admin, PATIENCE, Place, Server, try_send, until, vanilla};

const USERS: &str = "instances/default/directory/domains/example.com/users";
const SOFIA: &str = "instances/default/configuration/sofia.conf/profiles";
/// What the switch is told when the user 1000 changed.
const FLUSH: &str = "xml_flush_cache id 1000 example.com";
const RESTART: &str = "sofia profile internal restart";
/// What is asked for the channels when the state is read.
const CHANNELS: &str = "show channels as json";

/// The program, and the switch that it drives; the database and the switch outlast it.
struct World {
    place: Place,
    switch: EventSocket,
    /// `None` only while it is dead.
    server: Option<Server>,
    /// `None` only until the server was started once.
    admin: Option<Admin>,
    marks: usize,
}

impl World {
    /// A server that knows its switch.
    fn new() -> Self {
        let layers = ["idle-reg", "api", "pristine", "xml_locate", "xml_locate/configuration"];
        let switch = EventSocket::start().with_recordings(&layers);
        switch.answer("global_getvar core_uuid", CORE);
        switch.answer(CHANNELS, &custompbx_testkit::event_socket::channels_json(4));
        switch.answer("show channels count", "4 total.\n");
        for (order, reply) in [("xml_flush_cache", "+OK cleared 1 entry\n"), ("sofia profile ", "+OK\n")] {
            switch.answer_with(order, move |_| reply.to_owned());
        }
        let place = Place::new();
        place.ok(&["import", vanilla().to_str().unwrap()]);
        let mut world = Self { place, switch, server: None, admin: None, marks: 0 };
        world.serve();
        world.admin = Some(Admin::sign_in(world.place.web));
        world.until_live();
        for path in [USERS.trim_end_matches("/users"), &format!("{USERS}/1000")] {
            world.ask("PUT", path, &json!({}));
        }
        // A change before the switch is known has no effect on it: it reads what there is.
        until("the switch is known", || world.mark(Duration::from_secs(5)));
        world
    }

    fn serve(&mut self) {
        let mut command = self.place.command(&["serve"]);
        command
            .env("CUSTOMPBX_ADMIN_PASSWORD", Admin::PASSWORD)
            .env("CUSTOMPBX__FREESWITCH__ESL__HOST", "127.0.0.1")
            .env("CUSTOMPBX__FREESWITCH__ESL__PORT", self.switch.address().port().to_string())
            .env("CUSTOMPBX__FREESWITCH__ESL__PASS", PASS);
        self.server = Some(self.place.serve_with(&mut command));
    }

    /// Ends the server as a power cut would.
    fn kill(&mut self) {
        let mut server = self.server.take().unwrap();
        server.child.kill().unwrap();
        server.child.wait().unwrap();
    }

    /// Ends the switch as a power cut would.
    fn kill_switch(&self) {
        self.switch.reset_all();
        self.switch.stop();
    }

    fn admin(&self) -> &Admin {
        self.admin.as_ref().unwrap()
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        self.admin().ask(method, path, body)
    }

    fn phase(&self) -> Value {
        self.admin().phase()
    }

    fn effects(&self) -> Vec<(String, String)> {
        self.admin().effects()
    }

    /// Changes the user 1000; it is in the database when this returns.
    fn change(&self, value: &str) {
        self.ask("PATCH", &format!("{USERS}/1000"), &json!({"variables": {"trial": value}}));
    }

    /// The variable that [`World::change`] changes, as FreeSWITCH is told.
    fn is_told(&self, value: &str) -> bool {
        let question = "hostname=default&section=directory&tag_name=domain&key_name=name&key_value=example.com\
                        &action=user_call&key=id&user=1000&domain=example.com";
        self.place.ask(question).contains(&format!("value=\"{value}\""))
    }

    fn until_live(&self) {
        until("the switch is live", || self.phase() == "live");
    }

    /// What is seen of the switch.
    fn state(&self) -> Vec<Value> {
        self.until_live();
        let kinds = ["calls", "registrations", "channels", "profiles", "gateways", "modules"];
        let rows =
            |kind| self.ask("GET", &format!("switches/default/live/{kind}"), &Value::Null)["rows"].clone();
        kinds.map(rows).into()
    }

    /// Makes one more change, and waits for its effect; whether it has one by then.
    fn mark(&mut self, patience: Duration) -> bool {
        self.marks += 1;
        let user = format!("mark{}", self.marks);
        self.ask("PUT", &format!("{USERS}/{user}"), &json!({}));
        let deadline = Instant::now() + patience;
        while !self.effects().iter().any(|(line, _)| line.contains(&user)) {
            if Instant::now() > deadline {
                return false;
            }
            thread::sleep(Duration::from_millis(20));
        }
        true
    }

    /// What came of all that was changed since this was asked the last time: effects come in the order of the changes,
    /// so behind the effect of one more change there is nothing to come.
    fn came_of_it(&mut self) -> Vec<(String, String)> {
        self.until_live();
        assert!(self.mark(PATIENCE), "the mark has no effect: {:?}", self.effects());
        let effects = self.effects();
        assert!(effects[0].0.contains("mark"), "{effects:?}");
        let mut new: Vec<_> =
            effects.into_iter().skip(1).take_while(|(line, _)| !line.contains("mark")).collect();
        new.reverse();
        new
    }

    /// How often the switch was told something since it was last forgotten.
    fn times(&self, order: &str) -> usize {
        self.switch.heard().iter().filter(|line| line.strip_prefix("api ") == Some(order)).count()
    }

    fn until_told(&self, order: &str) {
        until(order, || self.times(order) > 0);
    }

    /// Changes what only a restart of a profile brings about, and waits until that is offered; the path of the offer.
    fn offer(&self, port: u16) -> String {
        self.ask("PATCH", &format!("{SOFIA}/internal"), &json!({"settings": {"sip-port": port}}));
        let mut path = None;
        until("it is offered", || {
            path = self.offered();
            path.is_some()
        });
        path.unwrap()
    }

    fn offered(&self) -> Option<String> {
        let offers = self.ask("GET", "switches/default/offers", &Value::Null);
        let offer = offers["items"].as_array().unwrap().first().cloned()?;
        assert_eq!(offer["line"], RESTART, "{offers}");
        Some(format!("switches/default/offers/{}", offer["id"]))
    }

    /// Somebody presses the button, and does not see what comes of it.
    fn accept(&self, offer: &str) -> thread::JoinHandle<()> {
        let (web, path, cookie) = (self.place.web, format!("{offer}/accept"), self.admin().cookie.clone());
        thread::spawn(move || {
            let _ = try_send(web, "POST", &path, &cookie, "application/json", "{}");
        })
    }

    /// Somebody presses the button, and the switch has been told, and does not answer.
    fn accept_unanswered(&self, offer: &str) -> thread::JoinHandle<()> {
        self.switch.hold(RESTART);
        self.switch.forget_heard();
        let accepting = self.accept(offer);
        self.until_told(RESTART);
        accepting
    }
}

fn effects<const N: usize>(effects: [(&str, &str); N]) -> Vec<(String, String)> {
    effects.map(|(line, state)| (line.to_owned(), state.to_owned())).into()
}

#[test]
fn the_server_while_it_connects() {
    let mut world = World::new();
    let before = world.state();
    for manner in [Manner::Silent, Manner::SilentOnceSignedIn] {
        world.kill();
        world.switch.behave(manner);
        let accepted = world.switch.accepted();
        world.serve();
        until("it connects", || world.switch.accepted() > accepted);
        world.change(&format!("{manner:?}"));
        world.kill();
        world.switch.behave(Manner::Answers);
        world.serve();
        assert_eq!(world.came_of_it(), effects([(FLUSH, "done")]), "{manner:?}");
        assert_eq!(world.state(), before, "{manner:?}");
    }
}

#[test]
fn the_server_while_it_reads_the_state() {
    let mut world = World::new();
    let before = world.state();
    world.kill();
    world.switch.hold(CHANNELS);
    world.switch.forget_heard();
    world.serve();
    world.until_told(CHANNELS);
    world.change("while it reads");
    world.kill();
    world.switch.release(CHANNELS);
    world.serve();
    assert_eq!(world.came_of_it(), effects([(FLUSH, "done")]));
    assert_eq!(world.state(), before);
}

/// The change is in the database, and the switch knows nothing of it yet.
#[test]
fn the_server_between_commit_and_effect() {
    let mut world = World::new();
    let before = world.state();
    // For certain: there is nobody who could be told.
    world.switch.stop();
    until("the switch is away", || world.phase() == "away");
    world.switch.forget_heard();
    world.change("nobody hears");
    world.kill();
    assert_eq!(world.times(FLUSH), 0);
    world.switch.start_again();
    world.serve();
    assert!(world.is_told("nobody hears"), "it is served before the switch can ask");
    assert_eq!(world.came_of_it(), effects([(FLUSH, "done")]));
    assert_eq!((world.times(FLUSH), world.state()), (1, before.clone()));
    // Whenever it happens: right behind the answer, or some time later.
    for milliseconds in [0, 1, 3, 10, 40] {
        world.switch.forget_heard();
        let value = format!("killed after {milliseconds} ms");
        world.change(&value);
        thread::sleep(Duration::from_millis(milliseconds));
        world.kill();
        world.serve();
        assert!(world.is_told(&value));
        assert_eq!(world.came_of_it(), effects([(FLUSH, "done")]), "after {milliseconds} ms");
        assert!((1..=2).contains(&world.times(FLUSH)), "after {milliseconds} ms: {}", world.times(FLUSH));
    }
    assert_eq!(world.state(), before);
}

/// Nobody knows whether the change was written: either it was, and has its effect, or nothing is left of it.
#[test]
fn the_server_before_it_answers_to_a_change() {
    let mut world = World::new();
    for milliseconds in [0, 1, 2, 4, 8, 16, 32] {
        let value = format!("killed {milliseconds} ms after it was asked");
        let (web, cookie) = (world.place.web, world.admin().cookie.clone());
        let body = json!({"variables": {"trial": value}}).to_string();
        let asking = thread::spawn(move || {
            let kind = "application/merge-patch+json";
            let _ = try_send(web, "PATCH", &format!("{USERS}/1000"), &cookie, kind, &body);
        });
        thread::sleep(Duration::from_millis(milliseconds));
        world.kill();
        asking.join().unwrap();
        world.serve();
        let came = world.came_of_it();
        let wanted = if world.is_told(&value) { effects([(FLUSH, "done")]) } else { Vec::new() };
        assert_eq!(came, wanted, "after {milliseconds} ms");
    }
}

/// The switch was told, and nobody heard its answer.
#[test]
fn the_server_in_the_middle_of_an_effect() {
    let mut world = World::new();
    let before = world.state();
    world.switch.hold(FLUSH);
    world.switch.forget_heard();
    world.change("in the middle");
    world.until_told(FLUSH);
    world.kill();
    world.switch.release(FLUSH);
    world.serve();
    assert_eq!(world.came_of_it(), effects([(FLUSH, "done")]));
    assert_eq!(world.times(FLUSH), 2);
    // The first of two is done.
    let [killgw, startgw] = ["killgw", "startgw"].map(|word| format!("sofia profile external {word} trial"));
    world.switch.hold(&startgw);
    world.ask("PUT", &format!("{SOFIA}/external/gateways/trial"), &json!({}));
    world.until_told(&startgw);
    world.kill();
    world.switch.release(&startgw);
    world.serve();
    let done = world.came_of_it();
    assert!(done.iter().all(|(_, state)| state == "done"), "{done:?}");
    assert_eq!(done.iter().filter(|(line, _)| *line == startgw).count(), 1, "{done:?}");
    let killed = done.iter().filter(|(line, _)| *line == killgw).count();
    assert_eq!((world.times(&startgw), world.times(&killgw)), (2, 2 * killed));
    assert_eq!(world.state(), before);
}

/// What is offered stays offered. What was accepted is not done twice: nobody knows whether it was done once.
#[test]
fn the_server_with_an_offer() {
    let mut world = World::new();
    let before = world.state();
    let offer = world.offer(5099);
    world.kill();
    world.serve();
    world.until_live();
    assert_eq!(world.offered(), Some(offer.clone()), "it stays offered");
    let accepting = world.accept_unanswered(&offer);
    world.kill();
    accepting.join().unwrap();
    world.switch.release(RESTART);
    world.serve();
    assert_eq!(world.came_of_it(), effects([(RESTART, "unknown")]));
    assert_eq!((world.offered(), world.times(RESTART)), (None, 1));
    // It is offered again when it is needed again.
    let offer = world.offer(5098);
    world.accept(&offer).join().unwrap();
    assert_eq!(world.came_of_it(), effects([(RESTART, "done")]));
    assert_eq!((world.offered(), world.times(RESTART)), (None, 2));
    assert_eq!(world.state(), before);
}

#[test]
fn the_switch_while_it_is_connected_to_and_read() {
    let world = World::new();
    let before = world.state();
    for manner in [Manner::Silent, Manner::SilentOnceSignedIn] {
        world.switch.behave(manner);
        let accepted = world.switch.accepted();
        world.switch.reset_all();
        until("it is connected to", || world.switch.accepted() > accepted);
        world.kill_switch();
        world.switch.behave(Manner::Answers);
        world.switch.start_again();
        assert_eq!(world.state(), before, "{manner:?}");
    }
    world.switch.hold(CHANNELS);
    world.switch.reset_all();
    world.switch.forget_heard();
    world.until_told(CHANNELS);
    world.kill_switch();
    world.switch.release(CHANNELS);
    world.switch.start_again();
    assert_eq!(world.state(), before);
}

#[test]
fn the_switch_between_commit_and_effect_and_in_the_middle_of_one() {
    let mut world = World::new();
    let before = world.state();
    world.kill_switch();
    world.switch.forget_heard();
    world.change("nobody hears");
    world.switch.start_again();
    assert_eq!(world.came_of_it(), effects([(FLUSH, "done")]));
    assert_eq!(world.times(FLUSH), 1);

    world.switch.hold(FLUSH);
    world.switch.forget_heard();
    world.change("in the middle");
    world.until_told(FLUSH);
    world.kill_switch();
    world.switch.release(FLUSH);
    world.switch.start_again();
    assert_eq!(world.came_of_it(), effects([(FLUSH, "done")]));
    assert_eq!(world.times(FLUSH), 2);
    assert_eq!(world.state(), before);
}

/// A command of which the switch goes away is not told to it for ever.
#[test]
fn the_switch_again_and_again_by_the_same_command() {
    let mut world = World::new();
    world.switch.hold(FLUSH);
    world.switch.forget_heard();
    world.change("it kills");
    let mut killed = 0;
    until("it is told no more", || {
        if world.times(FLUSH) > killed {
            killed = world.times(FLUSH);
            world.switch.reset_all();
        }
        world.effects()[0].0 == FLUSH
    });
    // A connection that was kept may have been dead before: then it is told by another one at once.
    assert!((3..=6).contains(&killed), "{killed}");
    world.switch.release(FLUSH);
    assert_eq!(world.came_of_it(), effects([(FLUSH, "unknown")]));
    assert_eq!(world.times(FLUSH), killed);
}

#[test]
fn the_switch_with_an_accepted_offer() {
    let mut world = World::new();
    let before = world.state();
    let offer = world.offer(5099);
    let accepting = world.accept_unanswered(&offer);
    world.kill_switch();
    accepting.join().unwrap();
    world.switch.release(RESTART);
    world.switch.start_again();
    assert_eq!(world.came_of_it(), effects([(RESTART, "unknown")]));
    assert_eq!((world.offered(), world.times(RESTART)), (None, 1));
    assert_eq!(world.state(), before);
}
