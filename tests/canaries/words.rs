//! Logs of every room at their most talkative, `Debug` of everything, and what a panic prints.

use crate::shift::{Played, SURNAME, begin, hand_over, play};
use demo::scan::Scanner;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use tablet::pages::{DocumentForm, Page};
use tablet::worker::{Command, Update};
use tracing_subscriber::fmt::MakeWriter;
use zeroize::Zeroizing;

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_canary_is_in_logs_debug_or_panics() {
    let logs = Kept::default();
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(logs.clone())
        .with_ansi(false)
        .init();
    let panics = Kept::default();
    let to = panics.clone();
    std::panic::set_hook(Box::new(move |panic| {
        let mut to = to.0.lock().unwrap();
        to.extend_from_slice(panic.to_string().as_bytes());
    }));

    let Played { mut scene, secrets } = play(begin().await).await;
    hand_over(&mut scene).await;
    let scanner = Scanner::new(&secrets);

    // What was shown held them: else the rest proves nothing.
    let shown = scene.tablet.history.iter().any(|page| match &page.page {
        Page::Document(document) => document
            .review
            .as_ref()
            .is_some_and(|r| r.name.contains(SURNAME)),
        _ => false,
    });
    assert!(shown);
    for page in &scene.tablet.history {
        let update = Update::Page(Box::new(page.clone()));
        let debug = format!("{page:?} {update:?} {:#?}", page.page);
        assert_eq!(scanner.bytes(debug.as_bytes(), "Debug of a page"), []);
        let panicked = catch_unwind(AssertUnwindSafe(|| panic!("{page:?}")));
        assert!(panicked.is_err());
    }
    for secret in &secrets {
        for command in [
            Command::Typed(vec![secret.clone()]),
            Command::Unlock(Zeroizing::new(secret.clone())),
            Command::ChoosePin(Zeroizing::new(secret.clone())),
            Command::Login {
                login: secret.clone(),
                password: Zeroizing::new(secret.clone()),
            },
            Command::ReviewDocument(DocumentForm {
                surname: secret.clone(),
                ..DocumentForm::default()
            }),
        ] {
            let debug = format!("{command:?}");
            assert_eq!(scanner.bytes(debug.as_bytes(), "Debug of a command"), []);
        }
    }
    let panics = panics.0.lock().unwrap().clone();
    assert!(panics.len() > 100, "panics are looked at");
    assert_eq!(scanner.bytes(&panics, "panics"), []);

    let kept = logs.0.lock().unwrap().clone();
    let text = String::from_utf8_lossy(&kept);
    for room in ["tablet::", "central::", "TRACE"] {
        assert!(text.contains(room), "{room} is not in the log");
    }
    let found = scanner.bytes(&kept, "the log");
    assert_eq!(found, [], "{:?}", lines_with(&text, &found, &secrets));
    tracing::info!("{SURNAME}");
    let kept = logs.0.lock().unwrap().clone();
    assert!(
        !scanner.bytes(&kept, "the log").is_empty(),
        "a canary in the log is found"
    );
}

/// The lines that hold a secret, the secret left out.
fn lines_with(text: &str, found: &[demo::scan::Found], secrets: &[String]) -> Vec<String> {
    found
        .iter()
        .flat_map(|f| {
            let secret = secrets[f.secret].as_str();
            text.lines()
                .filter(move |l| l.contains(secret))
                .map(move |l| l.replace(secret, "…"))
                .take(3)
        })
        .collect()
}
