//! The power goes while the vault is written: whatever was acknowledged is there afterwards.
//!
//! Two kinds of cut in turn. *Stopped*: the writer is stopped, the image of its disk copied as it
//! is, and the copy mounted. *Cut off*: the file system is shut down under the running writer, in the
//! middle of a write or of a sync. The same with `synchronous=NORMAL` must lose something, or the
//! round proves nothing.

use crate::kit::*;
use crate::loopdisk::LoopDisk;
use demo::world::{LOGIN, PASSWORD, World};
use protocol::FactKind;
use regulation::encounter::Event;
use std::collections::BTreeMap;
use std::path::Path;
use tempfile::TempDir;

/// Cuts after which everything is sent and a new session begins.
const EPOCH: u64 = 20;

#[derive(Default)]
struct Outcome {
    cuts: u64,
    acknowledged: u64,
    lost: u64,
    /// Openings that told of a gap.
    gaps: u64,
}

pub fn round(plan: &Plan) -> Vec<String> {
    let runtime = runtime();
    let cuts = plan.of(8, 240);
    let full = runtime.block_on(cut_often("full", plan, cuts, |_| false));
    assert_eq!(full.lost, 0, "acknowledged records are gone");
    assert_eq!(full.gaps, 0, "the vault told of a gap");
    let normal = runtime.block_on(cut_often("normal", plan, plan.of(20, 60), |o| {
        o.lost > 0 && !plan.full
    }));
    assert!(
        normal.lost > 0,
        "synchronous=NORMAL lost nothing in {} cuts: this round proves nothing here",
        normal.cuts
    );
    vec![
        format!(
            "synchronous=FULL: {} cuts, {} acknowledged, {} lost",
            full.cuts, full.acknowledged, full.lost
        ),
        format!(
            "synchronous=NORMAL, for comparison: {} cuts, {} acknowledged, {} lost",
            normal.cuts, normal.acknowledged, normal.lost
        ),
    ]
}

async fn cut_often(
    mode: &str,
    plan: &Plan,
    cuts: u64,
    enough: impl Fn(&Outcome) -> bool,
) -> Outcome {
    let mut rng = Rng::new(plan.seed ^ u64::from(mode == "full"));
    let dir = TempDir::new().unwrap();
    let config = e_patrul_tests::config(dir.path());
    let world = World::start_with(dir.path(), config, 0).await.unwrap();
    let mut disk = LoopDisk::make(dir.path(), "disk", 192);
    let data = disk.path().join("tablet");
    enrol(&world, &data).await;
    let mut outcome = Outcome::default();
    let mut acknowledged = BTreeMap::new();
    while outcome.cuts < cuts && !enough(&outcome) {
        if outcome.cuts.is_multiple_of(EPOCH) {
            deliver(&data).await;
            begin_session(&data).await;
            acknowledged.clear();
        }
        let by_copy = outcome.cuts.is_multiple_of(2);
        for line in cut(&mut disk, &data, mode, &mut rng, by_copy) {
            let (seq, tag) = acknowledgement(&line);
            acknowledged.insert(seq, tag);
            outcome.acknowledged += 1;
        }
        outcome.cuts += 1;
        compare(&data, &mut acknowledged, &mut outcome);
    }
    if mode == "full" {
        deliver(&data).await;
        let stored = journal_is_sound(world.central.as_ref().unwrap().admin());
        assert!(stored >= outcome.acknowledged);
    }
    disk.unmount();
    outcome
}

/// Enrols a tablet whose data lies on the disk.
pub async fn enrol(world: &World, data: &Path) {
    let central = world.central.as_ref().unwrap();
    let code = central.admin().new_enrolment_code("tablet").unwrap();
    demo::tablet_kit::enrol(data, &world.server_url(), &central.ca_pem(), &code)
        .await
        .unwrap();
}

/// Number and text of a line `recorded SEQ TEXT`.
pub fn acknowledgement(line: &str) -> (u64, String) {
    let mut words = line.split(' ');
    assert_eq!(words.next(), Some("recorded"), "{line}");
    let seq = words.next().unwrap().parse().unwrap();
    (seq, words.next().unwrap().to_owned())
}

/// Lets a writer work for a while and cuts the power; what it had acknowledged.
fn cut(disk: &mut LoopDisk, data: &Path, mode: &str, rng: &mut Rng, by_copy: bool) -> Vec<String> {
    let writer = Role::start(&["writer", data.to_str().unwrap(), mode]);
    writer.until("ready", &mut Vec::new());
    let mut said = Vec::new();
    for _ in 0..rng.between(1, 40) {
        said.push(writer.line(LONG).expect("the writer has stopped"));
    }
    std::thread::sleep(rng.millis(0, 8));
    if by_copy {
        writer.stop();
        let copy = disk.copy();
        said.extend(writer.kill());
        disk.unmount();
        disk.replace(&copy);
    } else {
        said.extend(writer.said());
        disk.shut_down();
        writer.kill();
        disk.unmount();
    }
    disk.mount();
    said.retain(|line| !line.starts_with("refused"));
    said
}

/// Opens the vault after a cut: everything acknowledged is there, word for word, and no number is
/// given a second time.
fn compare(data: &Path, acknowledged: &mut BTreeMap<u64, String>, outcome: &mut Outcome) {
    let (vault, report, _) = open_vault(data);
    outcome.gaps += u64::from(report != Default::default());
    let session = vault.resume_session(LOGIN, PASSWORD).unwrap();
    let found = recorded(&vault, &session);
    let before = acknowledged.len();
    acknowledged.retain(|seq, tag| found.get(seq) == Some(tag));
    outcome.lost += (before - acknowledged.len()) as u64;
    let highest = acknowledged.keys().next_back().copied().unwrap_or(0);
    let next = vault
        .append(
            &session,
            None,
            protocol::Urgency::Ordinary,
            &crate::roles::fact(&session, "after-the-cut", None),
        )
        .unwrap();
    assert!(next > highest, "number {next} is given a second time");
}

/// What the vault still reads of the writer's facts, by number.
pub fn recorded(
    vault: &tablet::vault::Vault,
    session: &tablet::vault::OpenSession,
) -> BTreeMap<u64, String> {
    let journal = vault.journal(session).unwrap();
    let text = |kind: &FactKind| match kind {
        FactKind::Encounter { recorded, .. } => match &recorded.event {
            Event::GroundStated { fact, .. } => Some(fact.clone()),
            Event::Asked { question, .. } => Some(question.0.to_string()),
            _ => None,
        },
        _ => None,
    };
    journal
        .iter()
        .filter_map(|entry| Some((entry.seq, text(&entry.fact.kind)?)))
        .collect()
}
