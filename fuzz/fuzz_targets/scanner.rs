#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| e_patrul_fuzz::scanner(data));
