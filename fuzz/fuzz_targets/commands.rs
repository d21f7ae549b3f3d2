//! Values in commands: each is refused, or stays a value of the one command.
#![no_main]

use custompbx_switch::command::{COMMANDS, Command};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, Vec<&str>)| {
    let (which, given) = input;
    let declared = &COMMANDS[usize::from(which) % COMMANDS.len()];
    let values: Vec<(&str, &str)> =
        declared.slots.iter().map(|slot| slot.name).zip(given.iter().copied()).collect();
    if let Ok(command) = declared.with(&values) {
        let line = command.line();
        assert!(
            !line.contains(|c: char| c.is_control()) && !line.contains("${") && !line.contains('|'),
            "{line:?}"
        );
        assert_eq!(line.split_whitespace().next(), declared.line.split(['{', '[', ' ']).next(), "{line:?}");
    }
    for text in given {
        if let Ok(command) = Command::typed(text) {
            assert!(!command.line().contains(['\r', '\n', '\0']), "{:?}", command.line());
        }
    }
});
