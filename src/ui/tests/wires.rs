//! Wires that lead nowhere, and words outside the catalogues.

use std::path::{Path, PathBuf};

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap()
}

fn files(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|e| e == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

pub fn slint_files() -> Vec<PathBuf> {
    files(&root().join("ui"), "slint")
}

/// Files of the adapters and of the composition root, without tests.
fn rust_files() -> Vec<PathBuf> {
    let mut found = files(&root().join("src"), "rs");
    found.retain(|f| !f.to_string_lossy().contains("tests"));
    found
}

/// A member of a global: whether it is a callback, and its name.
struct Member {
    global: String,
    callback: bool,
    name: String,
}

fn members(text: &str) -> Vec<Member> {
    let mut found = Vec::new();
    let mut global = None;
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("export global ") {
            global = rest.split_whitespace().next().map(str::to_owned);
        } else if line == "}" {
            global = None;
        }
        let Some(global) = &global else { continue };
        let line = line.trim();
        let member = |callback, name: &str| Member {
            global: global.clone(),
            callback,
            name: name.to_owned(),
        };
        if let Some(rest) = line.strip_prefix("callback ") {
            found.push(member(true, rest.split('(').next().unwrap()));
        } else if let Some((_, rest)) = line.split_once("property <") {
            let name = rest.split_once("> ").unwrap().1;
            let end = name.find([':', ';']).unwrap();
            if line.starts_with("in ") {
                found.push(member(false, &name[..end]));
            }
        }
    }
    found
}

#[test]
fn every_callback_is_connected_and_sent_and_every_property_is_set_and_shown() {
    let pages: String = slint_files().iter().map(|f| read(f)).collect();
    let rust: String = rust_files().iter().map(|f| read(f)).collect();
    let mut count = 0;
    for file in slint_files() {
        for member in members(&read(&file)) {
            count += 1;
            let snake = member.name.replace('-', "_");
            let what = format!("{}.{}", member.global, member.name);
            let wire = format!("{}_{snake}(", if member.callback { ".on" } else { ".set" });
            assert!(rust.contains(&wire), "{what}: no {wire}) in src");
            // Within the global itself a member is `self.name`.
            let used = pages.contains(&what) || pages.contains(&format!("self.{}(", member.name));
            assert!(used, "{what} is not used on a page");
        }
    }
    assert!(count > 90, "{count}");
}

#[test]
fn a_page_has_one_file_in_every_room() {
    let names = |dir: &str, ending: &str| -> Vec<String> {
        files(&root().join(dir), ending)
            .iter()
            .map(|f| f.file_stem().unwrap().to_string_lossy().into_owned())
            .collect()
    };
    let adapters = names("src/ui", "rs");
    let views = names("tablet/src/pages", "rs");
    for page in names("ui/pages", "slint") {
        assert!(adapters.contains(&page), "src/ui/{page}.rs");
        assert!(views.contains(&page), "tablet/src/pages/{page}.rs");
    }
}

/// String literals on one line, comments left out.
fn literals(line: &str) -> Vec<&str> {
    let code = line.split("//").next().unwrap();
    code.split('"').skip(1).step_by(2).collect()
}

#[test]
fn no_words_for_people_are_in_rust() {
    // The administrator's commands answer in English, as central's do.
    let errands = |file: &Path| file.ends_with("app/errands.rs");
    for file in rust_files().into_iter().filter(|file| !errands(file)) {
        let text = read(&file);
        let text = text.split("\nmod tests {").next().unwrap();
        for line in text.lines() {
            let technical = ["#[error", "tracing::", ".name(", "f.write_str("];
            if technical.iter().any(|t| line.contains(t)) {
                continue;
            }
            for literal in literals(line) {
                let letters = literal.chars().filter(|c| c.is_alphabetic()).count();
                let word = literal.contains(' ') && letters > 2;
                let foreign = literal.chars().any(|c| c.is_alphabetic() && !c.is_ascii());
                assert!(!word && !foreign, "{}: {literal}", file.display());
            }
        }
    }
}

#[test]
fn no_words_for_people_are_outside_tr() {
    // Languages name themselves; the sign keys of the keyboard are letters.
    let own = [
        "Ўзбекча",
        "Oʻzbekcha",
        "Русский",
        "Qaraqalpaqsha",
        "English",
        "Noto Sans",
        "АБВ",
        "ABC",
        "Ў·Oʻ",
        // An identifier, for tests.
        "cut",
        "GPL-3.0-only",
    ];
    // The gallery is for engineers: it names components.
    let pages = slint_files()
        .into_iter()
        .filter(|f| !f.ends_with("gallery.slint"));
    for file in pages {
        for line in read(&file).lines() {
            if line.contains("import ") || line.contains("commands:") || line.contains("from \"") {
                continue;
            }
            let mut rest = line.split("//").next().unwrap().to_owned();
            while let Some(at) = rest.find("@tr(\"") {
                let after = &rest[at + 5..];
                let mut end = after.find('"').unwrap() + 1;
                if let Some(plural) = after[end..].trim_start().strip_prefix("| \"") {
                    end = after.len() - plural.len() + plural.find('"').unwrap() + 1;
                }
                rest = format!("{}{}", &rest[..at], &after[end..]);
            }
            for literal in literals(&rest) {
                let letters = literal.chars().filter(|c| c.is_alphabetic()).count();
                assert!(
                    letters < 2 || own.contains(&literal),
                    "{}: {literal}",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn type_is_never_smaller_than_18() {
    for file in slint_files() {
        for line in read(&file).lines().filter(|l| l.contains("font-size:")) {
            let size = line
                .split("font-size:")
                .nth(1)
                .unwrap()
                .trim()
                .trim_end_matches(';');
            if let Some(px) = size
                .strip_suffix("px")
                .and_then(|px| px.parse::<u32>().ok())
            {
                assert!(px >= 18, "{}: {line}", file.display());
            }
        }
    }
}

/// A text that is no [`Label`] could be cut and nobody would know.
#[test]
fn every_text_of_the_pages_knows_whether_it_is_cut() {
    for file in slint_files() {
        if file.ends_with("label.slint") {
            continue;
        }
        for (number, line) in read(&file).lines().enumerate() {
            let code = line.split("//").next().unwrap();
            let plain = code
                .split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-')
                .any(|word| word == "Text");
            assert!(!plain, "{}:{}: a plain Text", file.display(), number + 1);
        }
    }
}
