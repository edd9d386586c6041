//! Looks for what must not be readable: in files and their names, in logs, in a process's memory.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::io;
use std::path::Path;

/// A secret that was found, and how it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which of the secrets, by its place in the list: a report must not repeat it.
    pub secret: usize,
    pub form: &'static str,
    /// The file, or the place in it.
    pub at: String,
}

/// Secrets in every form in which a program writes text.
pub struct Scanner {
    /// Secret, form, bytes.
    forms: Vec<(usize, &'static str, Vec<u8>)>,
    /// Forms by their first two bytes: one pass looks for all of them.
    begins: Vec<Vec<usize>>,
}

impl std::fmt::Debug for Scanner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scanner(..)")
    }
}

impl Scanner {
    /// A scanner for each of `secrets` as UTF-8, UTF-16 of both byte orders, hexadecimal of both
    /// cases, and base64 of both alphabets, wherever in a longer text the secret begins.
    #[must_use]
    pub fn new<S: AsRef<str>>(secrets: &[S]) -> Self {
        let mut forms = Vec::new();
        for (n, secret) in secrets.iter().enumerate() {
            let secret = secret.as_ref();
            let plain = secret.as_bytes();
            let little: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = secret.encode_utf16().flat_map(u16::to_be_bytes).collect();
            let hex: String = plain.iter().map(|b| format!("{b:02x}")).collect();
            forms.push((n, "UTF-16LE", little));
            forms.push((n, "UTF-16BE", big));
            forms.push((n, "HEX", hex.to_uppercase().into_bytes()));
            forms.push((n, "hex", hex.into_bytes()));
            for before in 0..3_usize {
                let mut shifted = vec![0; before];
                shifted.extend_from_slice(plain);
                for (form, engine) in [
                    ("base64", &STANDARD_NO_PAD),
                    ("base64url", &URL_SAFE_NO_PAD),
                ] {
                    let text = engine.encode(&shifted);
                    // Characters that hold a bit of what stands before or behind are not its own.
                    let from = (before * 8).div_ceil(6);
                    let to = (shifted.len() * 8) / 6;
                    forms.push((n, form, text.as_bytes()[from..to].to_vec()));
                }
            }
            forms.push((n, "UTF-8", plain.to_vec()));
        }
        // Shorter than four bytes anything is found anywhere.
        forms.retain(|(_, _, bytes)| bytes.len() >= 4);
        let mut begins = vec![Vec::new(); 1 << 16];
        for (n, (_, _, bytes)) in forms.iter().enumerate() {
            begins[begin(bytes[0], bytes[1])].push(n);
        }
        Self { forms, begins }
    }

    /// What of the secrets `bytes` hold.
    #[must_use]
    pub fn bytes(&self, bytes: &[u8], at: &str) -> Vec<Found> {
        let mut seen = vec![false; self.forms.len()];
        for (place, pair) in bytes.windows(2).enumerate() {
            for n in &self.begins[begin(pair[0], pair[1])] {
                seen[*n] |= bytes[place..].starts_with(&self.forms[*n].2);
            }
        }
        let found = self.forms.iter().zip(seen).filter(|(_, seen)| *seen);
        found
            .map(|((secret, form, _), _)| Found {
                secret: *secret,
                form,
                at: at.to_owned(),
            })
            .collect()
    }

    /// What of the secrets the files below `dir` hold, or their names.
    ///
    /// # Errors
    /// A file or directory cannot be read.
    pub fn dir(&self, dir: &Path) -> io::Result<Vec<Found>> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(dir)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default();
            let at = path.display().to_string();
            found.extend(self.bytes(name.as_encoded_bytes(), &format!("name of {at}")));
            if path.is_dir() {
                found.extend(self.dir(&path)?);
            } else {
                found.extend(self.bytes(&std::fs::read(&path)?, &at));
            }
        }
        Ok(found)
    }

    /// What of the secrets the memory of process `pid` holds. Reading another process's memory takes
    /// the rights of the superuser.
    ///
    /// # Errors
    /// The process is gone, or its memory may not be read.
    #[cfg(target_os = "linux")]
    pub fn memory(&self, pid: u32) -> io::Result<Vec<Found>> {
        use std::os::unix::fs::FileExt as _;
        let maps = std::fs::read_to_string(format!("/proc/{pid}/maps"))?;
        let memory = std::fs::File::open(format!("/proc/{pid}/mem"))?;
        let (mut found, mut read) = (Vec::new(), 0_usize);
        for line in maps.lines() {
            let mut words = line.split_whitespace();
            let (Some(range), Some(mode)) = (words.next(), words.next()) else {
                continue;
            };
            // What cannot be written holds nothing that was typed.
            if !mode.starts_with("rw") {
                continue;
            }
            let Some((from, to)) = range.split_once('-') else {
                continue;
            };
            let (Ok(from), Ok(to)) = (u64::from_str_radix(from, 16), u64::from_str_radix(to, 16))
            else {
                continue;
            };
            let mut bytes = vec![0; usize::try_from(to - from).unwrap_or_default()];
            // A mapping may go while it is read.
            if memory.read_exact_at(&mut bytes, from).is_ok() {
                read += bytes.len();
                found.extend(self.bytes(&bytes, line));
            }
        }
        if read == 0 {
            return Err(io::Error::from(io::ErrorKind::PermissionDenied));
        }
        Ok(found)
    }
}

fn begin(first: u8, second: u8) -> usize {
    usize::from(first) << 8 | usize::from(second)
}
