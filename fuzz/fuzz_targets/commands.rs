//! Values in commands: each is refused, or FreeSWITCH reads it as the value of its slot and carries none of it out.
#![no_main]

use custompbx_switch::command::read_back::{RECORDINGS, SOUNDS, fault};
use custompbx_switch::command::{COMMANDS, Command, Directories, is_harmless};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, Vec<&str>)| {
    let (which, given) = input;
    let declared = &COMMANDS[usize::from(which) % COMMANDS.len()];
    let values: Vec<(&str, &str)> =
        declared.slots.iter().map(|slot| slot.name).zip(given.iter().copied()).collect();
    if let Ok(command) = declared.below(&Directories::new(SOUNDS, RECORDINGS), &values) {
        let fault = fault(declared, &values, command.line());
        assert!(fault.is_none(), "{:?}: {fault:?}", command.line());
    }
    for text in given {
        if let Ok(command) = Command::typed(text) {
            assert!(!command.line().contains(['\r', '\n', '\0']), "{:?}", command.line());
        }
        if is_harmless(text) {
            assert!(!text.contains(['\n', '\'', '"', '\\', '$', ';', '|', '`', '&', '{']), "{text:?}");
        }
    }
});
