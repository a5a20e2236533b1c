#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| smsmux::fuzzing::push("intelepeer", data));
