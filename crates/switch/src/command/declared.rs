//! The commands.

use std::time::Duration;

use super::shape::EAVESDROP;
use super::{Declared, Disturbs, Shape, Slot};

/// For what FreeSWITCH does at once.
const QUICK: Duration = Duration::from_secs(10);
/// For what ends threads, reads files or waits for others.
const SLOW: Duration = Duration::from_secs(60);

const fn needed(name: &'static str, shape: Shape) -> Slot {
    Slot { name, shape, optional: false }
}

const fn optional(name: &'static str, shape: Shape) -> Slot {
    Slot { name, shape, optional: true }
}

/// One that does what it does at once, disturbs nobody and can be repeated.
const fn plain(
    name: &'static str,
    summary: &'static str,
    line: &'static str,
    slots: &'static [Slot],
) -> Declared {
    Declared {
        name,
        summary,
        line,
        slots,
        deadline: QUICK,
        disturbs: Disturbs::Nobody,
        repeatable: true,
        moot: &[],
        ends: &[],
    }
}

/// One about a call.
const fn on_call(
    name: &'static str,
    summary: &'static str,
    line: &'static str,
    slots: &'static [Slot],
) -> Declared {
    Declared { disturbs: Disturbs::OneCall, repeatable: false, ..plain(name, summary, line, slots) }
}

/// One that takes time, and may end calls or registrations.
const fn heavy(
    name: &'static str,
    summary: &'static str,
    line: &'static str,
    slots: &'static [Slot],
) -> Declared {
    Declared {
        deadline: SLOW,
        disturbs: Disturbs::Many,
        repeatable: false,
        ..plain(name, summary, line, slots)
    }
}

const UUID: Slot = needed("uuid", Shape::Uuid);
const PROFILE: Slot = needed("profile", Shape::Name);
const GATEWAY: Slot = needed("gateway", Shape::Name);
const MODULE: Slot = needed("module", Shape::Module);
const QUEUE: Slot = needed("queue", Shape::Name);
const AGENT: Slot = needed("agent", Shape::Name);
const CONFERENCE: Slot = needed("conference", Shape::Name);
const MEMBER: Slot = needed("member", Shape::Member);

/// What mod_sofia says of a profile that does not run (`mod_sofia.c`).
const NO_PROFILE: &str = "Invalid Profile [";

/// What a switch can be told to do.
pub static COMMANDS: &[Declared] = &[
    plain("reloadxml", "Reads the configuration again and asks for what it needs anew", "reloadxml", &[]),
    plain("reloadacl", "Reads the access lists again", "reloadacl", &[]),
    plain(
        "acl.check",
        "Whether a list lets an address in",
        "acl {address} {list}",
        &[needed("address", Shape::Address), needed("list", Shape::Name)],
    ),
    plain(
        "xml_flush_cache",
        "Forgets what it keeps of a user",
        "xml_flush_cache id {user} {domain}",
        &[needed("user", Shape::Name), needed("domain", Shape::Name)],
    ),
    plain(
        "xml_flush_cache.alias",
        "Forgets what it keeps of a user by another number",
        "xml_flush_cache number-alias {alias} {domain}",
        &[needed("alias", Shape::Name), needed("domain", Shape::Name)],
    ),
    plain("xml_flush_cache.all", "Forgets what it keeps of all users", "xml_flush_cache", &[]),
    plain(
        "sync_clock",
        "Takes over the machine's time when no call is up",
        "fsctl sync_clock_when_idle",
        &[],
    ),
    plain(
        "loglevel",
        "How much the core logs",
        "fsctl loglevel {level}",
        &[needed("level", Shape::OneOf(&["0", "1", "2", "3", "4", "5", "6", "7"]))],
    ),
    // Modules.
    Declared {
        repeatable: true,
        disturbs: Disturbs::Nobody,
        moot: &["[Module already loaded]"],
        ends: &["module.unload"],
        ..heavy("module.load", "Loads a module", "load {module}", &[MODULE])
    },
    Declared {
        moot: &["[No such module!]"],
        ends: &["module.load", "module.reload"],
        ..heavy("module.unload", "Unloads a module; what uses it ends", "unload {module}", &[MODULE])
    },
    Declared {
        moot: &["[No such module!]\n+OK module loaded"],
        ..heavy("module.reload", "Unloads a module and loads it again", "reload {module}", &[MODULE])
    },
    // SIP profiles.
    Declared {
        repeatable: true,
        disturbs: Disturbs::Nobody,
        ends: &["sofia.stop"],
        ..heavy("sofia.start", "Starts a SIP profile", "sofia profile {profile} start", &[PROFILE])
    },
    Declared {
        moot: &[NO_PROFILE],
        ends: &["sofia.start", "sofia.restart"],
        ..heavy(
            "sofia.stop",
            "Stops a SIP profile; its calls and registrations end",
            "sofia profile {profile} stop",
            &[PROFILE],
        )
    },
    heavy(
        "sofia.restart",
        "Stops and starts a SIP profile; its calls end",
        "sofia profile {profile} restart",
        &[PROFILE],
    ),
    Declared {
        deadline: SLOW,
        ..plain(
            "sofia.rescan",
            "Takes over new gateways and most parameters of a SIP profile",
            "sofia profile {profile} rescan",
            &[PROFILE],
        )
    },
    Declared {
        disturbs: Disturbs::Many,
        moot: &["no such gateway", NO_PROFILE],
        ..plain(
            "sofia.killgw",
            "Takes a gateway away until the next rescan",
            "sofia profile {profile} killgw {gateway}",
            &[PROFILE, GATEWAY],
        )
    },
    plain(
        "sofia.startgw",
        "Takes over a gateway that is configured",
        "sofia profile {profile} startgw {gateway}",
        &[PROFILE, GATEWAY],
    ),
    plain(
        "sofia.register",
        "Registers at a gateway now",
        "sofia profile {profile} register {gateway}",
        &[PROFILE, GATEWAY],
    ),
    plain(
        "sofia.unregister",
        "Takes back the registration at a gateway",
        "sofia profile {profile} unregister {gateway}",
        &[PROFILE, GATEWAY],
    ),
    Declared {
        disturbs: Disturbs::OneCall,
        ..plain(
            "sofia.flush_registration",
            "Forgets a registration; with `reboot` the telephone is told to restart",
            "sofia profile {profile} flush_inbound_reg {registration}[ {reboot}]",
            &[PROFILE, needed("registration", Shape::Name), optional("reboot", Shape::OneOf(&["reboot"]))],
        )
    },
    plain(
        "sofia.siptrace",
        "Logs the SIP messages of a profile",
        "sofia profile {profile} siptrace {state}",
        &[PROFILE, needed("state", Shape::OneOf(&["on", "off"]))],
    ),
    // Calls.
    on_call(
        "call.hangup",
        "Ends a call",
        "uuid_kill {uuid}[ {cause}]",
        &[UUID, optional("cause", Shape::Cause)],
    ),
    on_call(
        "call.transfer",
        "Sends a call to another extension",
        "uuid_transfer {uuid}[ {leg}] {destination} XML[ {context}]",
        &[
            UUID,
            optional("leg", Shape::OneOf(&["-bleg", "-both"])),
            needed("destination", Shape::Number164),
            optional("context", Shape::Name),
        ],
    ),
    on_call("call.hold", "Holds a call", "uuid_hold {uuid}", &[UUID]),
    on_call("call.unhold", "Takes a call out of hold", "uuid_hold off {uuid}", &[UUID]),
    on_call("call.answer", "Answers a ringing call", "uuid_answer {uuid}", &[UUID]),
    on_call("call.park", "Parks a call", "uuid_park {uuid}", &[UUID]),
    on_call(
        "call.bridge",
        "Connects two calls",
        "uuid_bridge {uuid} {other}",
        &[UUID, needed("other", Shape::Uuid)],
    ),
    on_call("call.break", "Ends what is played to a call", "uuid_break {uuid}", &[UUID]),
    on_call(
        "call.dtmf",
        "Sends digits into a call",
        "uuid_send_dtmf {uuid} {digits}",
        &[UUID, needed("digits", Shape::Digits)],
    ),
    on_call(
        "call.broadcast",
        "Plays a file to a call",
        "uuid_broadcast {uuid} {path}[ {leg}]",
        &[UUID, needed("path", Shape::Sound), optional("leg", Shape::OneOf(&["aleg", "bleg", "both"]))],
    ),
    on_call(
        "call.record",
        "Starts or stops recording a call",
        "uuid_record {uuid} {action} {path}",
        &[
            UUID,
            needed("action", Shape::OneOf(&["start", "stop", "mask", "unmask"])),
            needed("path", Shape::Recording),
        ],
    ),
    on_call(
        "call.setvar",
        "Sets a variable of a call",
        "uuid_setvar {uuid} {name} {value}",
        &[UUID, needed("name", Shape::Settable), needed("value", Shape::Text)],
    ),
    Declared {
        deadline: SLOW,
        ..on_call(
            "call.eavesdrop",
            "Rings somebody who then listens to a call; with `whisper` or `barge` they are heard by one side or by both",
            "originate {{mode},origination_caller_id_name=eavesdrop,ignore_early_media=true}{endpoint} &eavesdrop({uuid})",
            &[needed("mode", Shape::Meaning(EAVESDROP)), needed("endpoint", Shape::Endpoint), UUID],
        )
    },
    Declared {
        deadline: SLOW,
        ..on_call(
            "call.originate",
            "Rings somebody, and sends them to an extension when they answer",
            "originate {endpoint} {destination} XML[ {context}]",
            &[
                needed("endpoint", Shape::Endpoint),
                needed("destination", Shape::Number164),
                optional("context", Shape::Name),
            ],
        )
    },
    // The call centre.
    Declared {
        ends: &["callcenter.queue.unload"],
        ..plain(
            "callcenter.queue.load",
            "Takes over a queue that is configured",
            "callcenter_config queue load {queue}",
            &[QUEUE],
        )
    },
    plain(
        "callcenter.queue.reload",
        "Takes over what is configured of a queue",
        "callcenter_config queue reload {queue}",
        &[QUEUE],
    ),
    Declared {
        disturbs: Disturbs::Many,
        ..plain(
            "callcenter.queue.unload",
            "Takes a queue away",
            "callcenter_config queue unload {queue}",
            &[QUEUE],
        )
    },
    plain(
        "callcenter.agent.reload",
        "Takes over what is configured of an agent",
        "callcenter_config agent reload {agent}",
        &[AGENT],
    ),
    plain(
        "callcenter.agent.add",
        "Makes an agent",
        "callcenter_config agent add {agent} {type}",
        &[AGENT, needed("type", Shape::OneOf(&["callback", "uuid-standby"]))],
    ),
    plain("callcenter.agent.delete", "Deletes an agent", "callcenter_config agent del {agent}", &[AGENT]),
    plain(
        "callcenter.agent.status",
        "Sets the status of an agent",
        "callcenter_config agent set status {agent} '{status}'",
        &[
            AGENT,
            needed("status", Shape::OneOf(&["Available", "Available (On Demand)", "On Break", "Logged Out"])),
        ],
    ),
    plain(
        "callcenter.agent.state",
        "Sets the state of an agent",
        "callcenter_config agent set state {agent} '{state}'",
        &[
            AGENT,
            needed("state", Shape::OneOf(&["Idle", "Waiting", "Receiving", "In a queue call", "Reserved"])),
        ],
    ),
    plain(
        "callcenter.tier.add",
        "Lets an agent serve a queue",
        "callcenter_config tier add {queue} {agent}[ {level}][ {position}]",
        &[QUEUE, AGENT, optional("level", Shape::Number), optional("position", Shape::Number)],
    ),
    plain(
        "callcenter.tier.set",
        "Sets the level or the position of an agent in a queue",
        "callcenter_config tier set {what} {queue} {agent} {value}",
        &[needed("what", Shape::OneOf(&["level", "position"])), QUEUE, AGENT, needed("value", Shape::Number)],
    ),
    plain(
        "callcenter.tier.delete",
        "Takes an agent out of a queue",
        "callcenter_config tier del {queue} {agent}",
        &[QUEUE, AGENT],
    ),
    plain(
        "callcenter.tier.reload",
        "Takes over what is configured of a tier",
        "callcenter_config tier reload {queue} {agent}",
        &[QUEUE, AGENT],
    ),
    // Conferences.
    on_call(
        "conference.member",
        "Does something to a member of a conference, or to `all`, `last` or `non_moderator`",
        "conference {conference} {action} {member}",
        &[
            CONFERENCE,
            needed(
                "action",
                Shape::OneOf(&[
                    "mute", "unmute", "tmute", "deaf", "undeaf", "kick", "hup", "hold", "unhold", "floor",
                ]),
            ),
            MEMBER,
        ],
    ),
    on_call(
        "conference.volume",
        "Sets how loud a member hears or is heard",
        "conference {conference} {side} {member} {volume}",
        &[
            CONFERENCE,
            needed("side", Shape::OneOf(&["volume_in", "volume_out"])),
            MEMBER,
            needed("volume", Shape::OneOf(&["-4", "-3", "-2", "-1", "0", "1", "2", "3", "4"])),
        ],
    ),
    plain(
        "conference.lock",
        "Lets nobody else into a conference, or opens it again",
        "conference {conference} {action}",
        &[CONFERENCE, needed("action", Shape::OneOf(&["lock", "unlock"]))],
    ),
    plain(
        "conference.pin",
        "Sets the PIN of a conference",
        "conference {conference} pin {pin}",
        &[CONFERENCE, needed("pin", Shape::Number)],
    ),
    plain(
        "conference.nopin",
        "Takes the PIN of a conference away",
        "conference {conference} nopin",
        &[CONFERENCE],
    ),
    on_call(
        "conference.play",
        "Plays a file to a conference",
        "conference {conference} play {path}",
        &[CONFERENCE, needed("path", Shape::Sound)],
    ),
    on_call(
        "conference.record",
        "Starts recording a conference",
        "conference {conference} record {path}",
        &[CONFERENCE, needed("path", Shape::Recording)],
    ),
    on_call(
        "conference.norecord",
        "Stops recording a conference",
        "conference {conference} norecord {path}",
        &[CONFERENCE, needed("path", Shape::Recording)],
    ),
    Declared {
        deadline: SLOW,
        ..on_call(
            "conference.dial",
            "Rings somebody and takes them into a conference",
            "conference {conference} bgdial {endpoint}",
            &[CONFERENCE, needed("endpoint", Shape::Endpoint)],
        )
    },
    // Other modules, which take over what is configured without being loaded again.
    plain("voicemail.reload", "Takes over a profile of voice mail", "voicemail reload {profile}", &[PROFILE]),
    plain(
        "rtmp.rescan",
        "Takes over most parameters of an RTMP profile",
        "rtmp profile {profile} rescan",
        &[PROFILE],
    ),
    heavy(
        "rtmp.restart",
        "Stops and starts an RTMP profile; its calls end",
        "rtmp profile {profile} restart",
        &[PROFILE],
    ),
    plain(
        "local_stream.reload",
        "Takes over a stream",
        "local_stream reload {stream}",
        &[needed("stream", Shape::Name)],
    ),
    plain("vpx.reload", "Takes over vpx.conf", "vpx reload", &[]),
    plain("amqp.reload", "Takes over amqp.conf", "amqp reload", &[]),
    plain("fifo.reparse", "Takes over fifo.conf", "fifo reparse", &[]),
    plain("avmd.reload", "Takes over avmd.conf", "avmd reload", &[]),
    plain("enum.reload", "Takes over enum.conf", "enum reload", &[]),
    plain("hash_remote.rescan", "Takes over the remotes of hash.conf", "hash_remote rescan", &[]),
    plain("distributor.reload", "Takes over distributor.conf", "distributor_ctl reload", &[]),
    plain("blacklist.reload", "Takes over the lists of mod_blacklist.conf", "blacklist reload", &[]),
    plain("prefix.reload", "Takes over prefix.conf", "prefix reload", &[]),
    // What it has.
    plain(
        "xml.section",
        "Prints a section of its configuration",
        "xml_locate {section}",
        &[needed(
            "section",
            Shape::OneOf(&["directory", "dialplan", "configuration", "languages", "chatplan"]),
        )],
    ),
    plain(
        "xml.configuration",
        "Prints a configuration",
        "xml_locate configuration configuration name {name}",
        &[needed("name", Shape::Name)],
    ),
    plain("global.list", "Prints its global variables", "global_getvar", &[]),
    plain(
        "global.get",
        "Prints a global variable",
        "global_getvar {name}",
        &[needed("name", Shape::Variable)],
    ),
    // Global variables.
    plain(
        "global.set",
        "Sets a global variable until the switch is restarted",
        "global_setvar {name}={value}",
        &[needed("name", Shape::Settable), needed("value", Shape::Text)],
    ),
];
