//! The administrator's command line. Answers go to stdout, everything else to stderr.

mod complaint;
mod custody;
mod dock;
mod photos;

use crate::archive::{CaptureState, ReplicaCheck};
use crate::config::ConfigError;
use crate::report::{self, Wanted};
use crate::store::StoredWipe;
use crate::{
    Admin, AdminError, ArchivedEncounter, Central, Config, NewOfficer, OfficerChange, StartError,
};
use lexopt::prelude::*;
use protocol::{AnswerResult, DeviceId, FacesSearched, FoundBy, Role, WipeStage, limits};
use regulation::bodycam::{Serial, SerialError};
use regulation::{Date, EncounterId, Timestamp};
use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "\
central: the E-patrul server

  central init              --data DIR [--replica DIR] [--name HOST]...
  central begin-replica     --data DIR [--replica DIR]     where none is yet, on purpose
  central serve             --data DIR --listen ADDR [--replica DIR] [--name HOST]... [--training]
  central enrol-tablet      --data DIR --name NAME         prints a one-time code
  central revoke-tablet     --data DIR DEVICE
  central unlock-tablet     --data DIR DEVICE              after too many wrong passwords
  central report-lost       --data DIR DEVICE              evidence is still taken, then it wipes itself
  central report-found      --data DIR DEVICE              until it has wiped itself
  central tablets           --data DIR
  central create-officer    --data DIR --login L --name N --rank R --unit U
                            [--role ROLE] [--generate]
                            patrol (or absent), duty, commander, monitoring, responsible, logistics;
                            the password is read from standard input, or made and printed
  central change-officer    --data DIR LOGIN [--name N] [--rank R] [--unit U]
                            [--role ROLE] [--password-from-stdin]
                            a new password ends the officer's sessions
  central deactivate-officer --data DIR LOGIN
  central reactivate-officer --data DIR LOGIN
  central unlock-officer    --data DIR LOGIN               after too many wrong passwords
  central assign-tablet     --data DIR DEVICE LOGIN        one officer a tablet, one tablet an officer
  central unassign-tablet   --data DIR DEVICE
  central assign-camera     --data DIR SERIAL LOGIN
  central unassign-camera   --data DIR SERIAL
  central unit-place        --data DIR UNIT PLACE          where tablets are handed in
  central remove-unit-place --data DIR UNIT PLACE
  central unit-notice       --data DIR UNIT TEXT --until YYYY-MM-DD
  central minimum-version   --data DIR X.Y.Z               the oldest program that is up to date
  central custody           --data DIR DEVICE              who had it, from whom and to whom; times are UTC
  central photos            --data DIR DEVICE              of its condition and of incidents, and whether whole
  central save-photo        --data DIR DEVICE PHOTO --out FILE
  central complaint         --data DIR ENCOUNTER NUMBER    a citizen's; what is recorded of it is held (§26)
  central holds             --data DIR                     recordings that nobody may delete, and why
  central import            --data DIR FOLDER
  central import-dock       --data DIR FILE [--read-since TIME] [--read-until TIME]
                            what bodycams held at the dock, lines of serial,from,to (RFC 3339), compared
                            with the log of their shifts (§19); the times are those that FILE speaks of
  central show-encounter    --data DIR ENCOUNTER
  central verify-journal    --data DIR DEVICE [--replica DIR]
  central import-queue      --data DIR FILE [--replica DIR]
                            takes in what `e-patrul export-queue` wrote; central's word on it goes to
                            FILE.receipt, for `e-patrul import-receipt`
  central acknowledge-gap   --data DIR DEVICE FIRST LAST
  central report            --data DIR UNIT --from DATE --to DATE [--again N] [--csv [--people]]
                            what the unit did (§4), days YYYY-MM-DD, the last one included, at most
                            92; --csv: the officers as a table, with --people who was checked N times
                            or more (3); each call is in the audit journal
  central rotate-sealing-key --data DIR                    in force at the next log-in; prints its id

Exit code: 0 done, 1 could not be done, 2 wrong call, 3 the check failed, 4 what could be checked
held and there was no replica to compare with (verify-journal).
";

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Admin(#[from] AdminError),
    #[error(transparent)]
    Archive(#[from] crate::archive::ArchiveError),
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl From<lexopt::Error> for CliError {
    fn from(error: lexopt::Error) -> Self {
        Self::Usage(error.to_string())
    }
}

/// Runs the command line.
pub fn run(args: impl Iterator<Item = OsString>) -> ExitCode {
    match parse(args).and_then(execute) {
        Ok(code) => code,
        Err(error) => {
            let usage = matches!(error, CliError::Usage(_));
            // Nobody is left to tell if stderr is closed.
            writeln!(std::io::stderr(), "central: {error}").ok();
            if usage {
                write!(std::io::stderr(), "\n{USAGE}").ok();
            }
            ExitCode::from(if usage { 2 } else { 1 })
        }
    }
}

#[derive(Default)]
struct Call {
    command: String,
    subject: Option<OsString>,
    second: Option<String>,
    until: Option<Date>,
    /// What follows the subject.
    numbers: Vec<u64>,
    data: Option<PathBuf>,
    replica: Option<PathBuf>,
    listen: Option<SocketAddr>,
    names: Vec<String>,
    login: Option<String>,
    rank: Option<String>,
    unit: Option<String>,
    role: Option<Role>,
    training: bool,
    generate: bool,
    password: bool,
    from: Option<Date>,
    to: Option<Date>,
    again: Option<u32>,
    out: Option<PathBuf>,
    csv: bool,
    people: bool,
    read_since: Option<Timestamp>,
    read_until: Option<Timestamp>,
}

/// Commands with a second subject.
const PAIRS: [&str; 7] = [
    "complaint",
    "save-photo",
    "assign-tablet",
    "assign-camera",
    "unit-place",
    "remove-unit-place",
    "unit-notice",
];

fn parse(args: impl Iterator<Item = OsString>) -> Result<Call, CliError> {
    let mut parser = lexopt::Parser::from_args(args);
    let mut call = Call::default();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("data") => call.data = Some(parser.value()?.into()),
            Long("replica") => call.replica = Some(parser.value()?.into()),
            Long("listen") => call.listen = Some(parser.value()?.parse()?),
            Long("name") => call.names.push(parser.value()?.string()?),
            Long("login") => call.login = Some(parser.value()?.string()?),
            Long("rank") => call.rank = Some(parser.value()?.string()?),
            Long("unit") => call.unit = Some(parser.value()?.string()?),
            Long("role") => call.role = Some(parser.value()?.parse_with(role)?),
            Long("from") => call.from = Some(parser.value()?.parse()?),
            Long("to") => call.to = Some(parser.value()?.parse()?),
            Long("again") => call.again = Some(parser.value()?.parse_with(again)?),
            Long("out") => call.out = Some(parser.value()?.into()),
            Long("csv") => call.csv = true,
            Long("people") => call.people = true,
            Long("until") => call.until = Some(parser.value()?.parse()?),
            Long("read-since") => call.read_since = Some(parser.value()?.parse_with(moment_of)?),
            Long("read-until") => call.read_until = Some(parser.value()?.parse_with(moment_of)?),
            Long("training") => call.training = true,
            Long("generate") => call.generate = true,
            Long("password-from-stdin") => call.password = true,
            Long("help") | Short('h') => call.command = "help".into(),
            Value(value) if call.command.is_empty() => call.command = value.string()?,
            Value(value) if call.subject.is_none() => call.subject = Some(value),
            Value(value) if call.second.is_none() && PAIRS.contains(&&*call.command) => {
                call.second = Some(value.string()?);
            }
            Value(value) if call.command == "acknowledge-gap" && call.numbers.len() < 2 => {
                call.numbers.push(value.parse()?);
            }
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(call)
}

fn role(text: &str) -> Result<Role, &'static str> {
    match text {
        "patrol" => Ok(Role::Patrol),
        "duty" => Ok(Role::Duty),
        "commander" => Ok(Role::Commander),
        "monitoring" => Ok(Role::Monitoring),
        "responsible" => Ok(Role::Responsible),
        "logistics" => Ok(Role::Logistics),
        _ => Err("a role is patrol, duty, commander, monitoring, responsible or logistics"),
    }
}

fn again(text: &str) -> Result<u32, String> {
    let bounds = limits::REPORT_AGAIN;
    let number = text.parse().ok().filter(|number| bounds.contains(number));
    number.ok_or_else(|| format!("N is {} to {}", bounds.start(), bounds.end()))
}

fn moment_of(text: &str) -> Result<Timestamp, String> {
    crate::dock::moment(text).map_err(|fault| fault.to_string())
}

fn missing(what: &str) -> CliError {
    CliError::Usage(format!("{what} is missing"))
}

impl Call {
    fn config(&self) -> Result<Config, CliError> {
        let data = self.data.as_ref().ok_or_else(|| missing("--data"))?;
        let listen = self
            .listen
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)));
        let mut config = Config::load(data, listen)?;
        if self.replica.is_some() {
            config.replica_dir.clone_from(&self.replica);
        }
        if matches!(self.command.as_str(), "init" | "serve") && !self.names.is_empty() {
            config.names.clone_from(&self.names);
        }
        config.training |= self.training;
        Ok(config)
    }

    fn name(&self) -> Result<&str, CliError> {
        self.names
            .first()
            .map(String::as_str)
            .ok_or_else(|| missing("--name"))
    }

    fn subject(&self, what: &str) -> Result<&str, CliError> {
        let subject = self.subject.as_ref().ok_or_else(|| missing(what))?;
        subject
            .to_str()
            .ok_or_else(|| CliError::Usage(format!("{what} is not text")))
    }

    fn second(&self, what: &str) -> Result<&str, CliError> {
        self.second.as_deref().ok_or_else(|| missing(what))
    }

    fn camera(&self) -> Result<Serial, CliError> {
        let serial = self.subject("SERIAL")?.parse();
        serial.map_err(|error: SerialError| CliError::Usage(error.to_string()))
    }

    fn id<T: std::str::FromStr>(&self, what: &str) -> Result<T, CliError> {
        let id = self.subject(what)?.parse();
        id.map_err(|_| CliError::Usage(format!("{what} is not an id")))
    }
}

fn say(line: impl std::fmt::Display) -> Result<(), CliError> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

fn execute(call: Call) -> Result<ExitCode, CliError> {
    match call.command.as_str() {
        "help" => {
            write!(std::io::stdout(), "{USAGE}")?;
            return Ok(ExitCode::SUCCESS);
        }
        "init" => {
            let config = call.config()?;
            Central::init(&config)?;
            say(Admin::open(&config)?.ca_pem().trim_end())?;
            return Ok(ExitCode::SUCCESS);
        }
        "serve" => return serve(&call),
        "enrol-tablet" | "revoke-tablet" | "unlock-tablet" | "rotate-sealing-key"
        | "report-lost" | "report-found" | "tablets" | "create-officer" | "change-officer"
        | "deactivate-officer" | "reactivate-officer" | "unlock-officer" | "import"
        | "show-encounter" | "verify-journal" | "import-queue" | "acknowledge-gap"
        | "begin-replica" | "report" | "assign-tablet" | "unassign-tablet" | "assign-camera"
        | "unassign-camera" | "unit-place" | "remove-unit-place" | "unit-notice"
        | "minimum-version" | "custody" | "import-dock" | "photos" | "save-photo" | "complaint"
        | "holds" => {}
        "" => return Err(missing("a command")),
        other => return Err(CliError::Usage(format!("there is no command {other}"))),
    }
    let admin = Admin::open(&call.config()?)?;
    match call.command.as_str() {
        "enrol-tablet" => say(admin.new_enrolment_code(call.name()?)?)?,
        "revoke-tablet" => admin.revoke_device(call.id("DEVICE")?)?,
        "unlock-tablet" => {
            admin.unlock_device(call.id("DEVICE")?)?;
        }
        "rotate-sealing-key" => say(admin.rotate_sealing_key()?)?,
        "report-lost" => admin.report_lost(call.id("DEVICE")?)?,
        "report-found" => admin.report_found(call.id("DEVICE")?)?,
        "tablets" => tablets(&admin)?,
        "create-officer" => create_officer(&call, &admin)?,
        "deactivate-officer" => {
            admin.deactivate_officer(admin.officer_by_login(call.subject("LOGIN")?)?)?;
        }
        "reactivate-officer" => {
            admin.reactivate_officer(admin.officer_by_login(call.subject("LOGIN")?)?)?;
        }
        "change-officer" => change_officer(&call, &admin)?,
        "unlock-officer" => {
            let had = admin.unlock_officer(call.subject("LOGIN")?)?;
            say(if had { "unlocked" } else { "was not locked" })?;
        }
        "begin-replica" => admin.begin_replica()?,
        "report" => report(&call, &admin)?,
        "assign-tablet" => {
            let officer = admin.officer_by_login(call.second("LOGIN")?)?;
            admin.assign_tablet(call.id("DEVICE")?, officer)?;
        }
        "unassign-tablet" => admin.unassign_tablet(call.id("DEVICE")?)?,
        "assign-camera" => {
            let officer = admin.officer_by_login(call.second("LOGIN")?)?;
            admin.assign_camera(&call.camera()?, officer)?;
        }
        "unassign-camera" => admin.unassign_camera(&call.camera()?)?,
        "unit-place" => admin.name_place(call.subject("UNIT")?, call.second("PLACE")?)?,
        "remove-unit-place" => admin.remove_place(call.subject("UNIT")?, call.second("PLACE")?)?,
        "unit-notice" => {
            let until = call.until.ok_or_else(|| missing("--until"))?;
            say(admin.give_notice(call.subject("UNIT")?, call.second("TEXT")?, until)?)?;
        }
        "minimum-version" => admin.set_minimum_version(call.subject("X.Y.Z")?)?,
        "custody" => custody::custody(&admin, call.id("DEVICE")?)?,
        "photos" => return photos::photos(&admin, call.id("DEVICE")?),
        "save-photo" => {
            let (photo, out) = (call.second.as_deref(), call.out.as_deref());
            photos::save(&admin, call.id("DEVICE")?, photo, out)?;
        }
        "complaint" => {
            complaint::register(&admin, call.id("ENCOUNTER")?, call.second("NUMBER")?)?;
        }
        "holds" => complaint::holds(&admin)?,
        "import" => import(&call, &admin)?,
        "import-dock" => dock::import(&call, &admin)?,
        "show-encounter" => return show_encounter(&call, &admin),
        "import-queue" => return import_queue(&call, &admin),
        "acknowledge-gap" => {
            let [first, last] = call.numbers[..] else {
                return Err(missing("FIRST LAST"));
            };
            admin.acknowledge_gap(call.id("DEVICE")?, first, last)?;
        }
        _ => return verify_journal(&call, &admin),
    }
    Ok(ExitCode::SUCCESS)
}

fn tablets(admin: &Admin) -> Result<(), CliError> {
    for device in admin.devices()? {
        let state = match device.lost_at {
            None if device.revoked => "revoked".to_owned(),
            None => "enrolled".to_owned(),
            Some(lost_at) => {
                let reports = admin.wipe_reports(device.id)?;
                lost(lost_at, device.revoked && !device.wiped, &reports)
            }
        };
        say(format_args!("{} {state} {}", device.id, device.name))?;
    }
    Ok(())
}

/// A lost tablet's state, with times (UTC).
fn lost(lost_at: Timestamp, revoked: bool, reports: &[StoredWipe]) -> String {
    let mut text = format!("lost {}", moment(lost_at));
    if revoked {
        text += ", revoked";
    }
    for wipe in reports {
        let at = moment(wipe.at);
        text += &match (wipe.report.stage, wipe.report.unsafe_events) {
            (WipeStage::ReadingKeysDestroyed, 0) => format!(", reading keys destroyed {at}"),
            (WipeStage::ReadingKeysDestroyed, n) => {
                format!(", reading keys destroyed {at}, {n} events not safe")
            }
            (WipeStage::Wiped, _) => format!(", wiped {at}"),
        };
    }
    text
}

/// "2026-11-25T01:26Z".
fn moment(at: Timestamp) -> String {
    let date = at.local_date(0).map(|date| date.to_string());
    let minutes = at.0.div_euclid(60_000).rem_euclid(24 * 60);
    let date = date.unwrap_or_else(|_| "?".into());
    format!("{date}T{:02}:{:02}Z", minutes / 60, minutes % 60)
}

fn serve(call: &Call) -> Result<ExitCode, CliError> {
    if call.listen.is_none() {
        return Err(missing("--listen"));
    }
    let config = call.config()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let central = Central::start(config).await?;
        say(format_args!("listening at {}", central.local_addr()))?;
        stopped().await;
        central.shutdown().await;
        Ok(ExitCode::SUCCESS)
    })
}

/// Waits for Ctrl-C, or for the service manager's TERM.
async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut term) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = term.recv() => {}
            }
            return;
        }
    }
    tokio::signal::ctrl_c().await.ok();
}

fn create_officer(call: &Call, admin: &Admin) -> Result<(), CliError> {
    let field = |value: &Option<String>, what| value.clone().ok_or_else(|| missing(what));
    let password = if call.generate {
        crate::secret::random_text()
    } else {
        read_password()?
    };
    let id = admin.create_officer(NewOfficer {
        login: field(&call.login, "--login")?,
        password: password.clone(),
        name: call.name()?.into(),
        rank: field(&call.rank, "--rank")?,
        unit: field(&call.unit, "--unit")?,
        role: call.role.unwrap_or(Role::Patrol),
    })?;
    say(id)?;
    if call.generate {
        say(password)?;
    }
    Ok(())
}

/// The first line of standard input.
fn read_password() -> Result<String, CliError> {
    let mut text = String::new();
    std::io::stdin().take(1024).read_to_string(&mut text)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn change_officer(call: &Call, admin: &Admin) -> Result<(), CliError> {
    let officer = admin.officer_by_login(call.subject("LOGIN")?)?;
    let mut change = OfficerChange {
        name: call.names.first().cloned(),
        rank: call.rank.clone(),
        unit: call.unit.clone(),
        role: call.role,
        password: None,
    };
    if call.password {
        change.password = Some(read_password()?);
    }
    Ok(admin.change_officer(officer, &change)?)
}

fn report(call: &Call, admin: &Admin) -> Result<(), CliError> {
    if call.people && !call.csv {
        return Err(missing("--csv"));
    }
    let offset = admin.edition().limits.utc_offset_minutes;
    let (from, to) = (call.from, call.to);
    let wanted = Wanted {
        from: from.ok_or_else(|| missing("--from"))?.begins_at(offset),
        to: to.ok_or_else(|| missing("--to"))?.ends_at(offset),
        again: call.again.unwrap_or(limits::REPORT_AGAIN_DEFAULT),
    };
    let report = admin.report(call.subject("UNIT")?, &wanted)?;
    let table = match (call.csv, call.people) {
        (false, _) => {
            for line in report::text(&report) {
                say(line)?;
            }
            return Ok(());
        }
        (true, false) => report::officers_csv(admin.edition(), &report),
        (true, true) => report::people_csv(&report),
    };
    if report.pending > 0 || report.more {
        // The table has no place for it.
        let (pending, more) = (report.pending, report.more);
        writeln!(
            std::io::stderr(),
            "not looked into yet: {pending}; left out: {more}"
        )
        .ok();
    }
    Ok(write!(std::io::stdout(), "{table}")?)
}

fn import(call: &Call, admin: &Admin) -> Result<(), CliError> {
    let folder = call.subject.as_ref().ok_or_else(|| missing("FOLDER"))?;
    let mut progress = |read: usize| {
        if read.is_multiple_of(1000) {
            writeln!(std::io::stderr(), "{read} prints and portraits read").ok();
        }
    };
    let imported = admin.import_folder(folder.as_ref(), &mut progress)?;
    say(format_args!(
        "{} people, {} prints, {} portraits",
        imported.people, imported.prints, imported.portraits
    ))
}

fn import_queue(call: &Call, admin: &Admin) -> Result<ExitCode, CliError> {
    let file = PathBuf::from(call.subject.as_ref().ok_or_else(|| missing("FILE"))?);
    let imported = admin.import_queue(&file)?;
    let mut receipt = file.into_os_string();
    receipt.push(".receipt");
    let word = serde_json::to_vec(&imported.receipt).map_err(std::io::Error::from)?;
    std::fs::write(&receipt, word)?;
    say(format_args!("tablet {}", imported.device))?;
    say(format_args!(
        "{} stored, {} known before, {} batches refused",
        imported.stored,
        imported.known,
        imported.refused.len()
    ))?;
    for (seq, code) in &imported.refused {
        say(format_args!("refused: the batch of #{seq}, {code:?}"))?;
    }
    if let Some(cut) = &imported.cut {
        say(format_args!("not read to its end: {cut}"))?;
    }
    say(format_args!("receipt: {}", receipt.display()))?;
    Ok(ExitCode::from(if imported.complete() { 0 } else { 3 }))
}

fn show_encounter(call: &Call, admin: &Admin) -> Result<ExitCode, CliError> {
    let id: EncounterId = call.id("ENCOUNTER")?;
    let Some(found) = admin.archive().encounter(id)? else {
        return Err(AdminError::Unknown("encounter").into());
    };
    show(&found)?;
    Ok(ExitCode::from(if found.verified.all() { 0 } else { 3 }))
}

/// Times, codes and ids; what was typed, and whom an answer names, is for the desk's screens.
fn show(found: &ArchivedEncounter) -> Result<(), CliError> {
    say(format_args!("encounter {}", found.encounter))?;
    say(format_args!("tablet    {}", found.device))?;
    say(format_args!("session   {}", found.session))?;
    say(format_args!("training  {}", found.training))?;
    say(format_args!("stage     {}", word(&found.state.stage)))?;
    for (seq, recorded) in &found.events {
        let event = tagged(&recorded.event, "event");
        say(format_args!("  #{seq} {} {event}", recorded.at.0))?;
    }
    for answer in &found.answers {
        let kind = tagged(&answer.result.kind(), "answer");
        say(format_args!(
            "answer {} {kind} {} ms{}",
            answer.question,
            answer.took_ms,
            worth(&answer.result)
        ))?;
    }
    for capture in &found.captures {
        let kind = word(&capture.kind);
        let state = match capture.state {
            CaptureState::Missing => "missing".to_owned(),
            CaptureState::Incomplete { received } => format!("incomplete at byte {received}"),
            CaptureState::Altered => "altered".to_owned(),
            CaptureState::Whole => "whole".to_owned(),
        };
        say(format_args!(
            "capture #{} {} {kind} {} bytes, {state}",
            capture.seq, capture.id, capture.plain_bytes
        ))?;
    }
    for flag in &found.state.flags {
        let code = tagged(flag, "flag");
        say(format_args!("flag {} {code}", flag.paragraph()))?;
    }
    for (seq, flag) in &found.flags {
        say(format_args!("flag #{seq} {}", flag.code()))?;
    }
    let v = found.verified;
    say(format_args!(
        "verified: signatures {}, chain {}, seals {}, procedure {}, complete {}, captures {}",
        v.signatures, v.chain, v.seals, v.procedure, v.complete, v.captures
    ))
}

/// The word that a value has in JSON.
fn word(value: &impl serde::Serialize) -> String {
    tagged(value, "")
}

/// … or that its tag has.
fn tagged(value: &impl serde::Serialize, tag: &str) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    let text = value.get(tag).unwrap_or(&value).as_str();
    text.unwrap_or("?").to_owned()
}

/// What a match by fingerprint, or none, is worth.
fn worth(result: &AnswerResult) -> String {
    if let Some(FacesSearched { faces }) = result.faces() {
        return format!(", among {faces} faces");
    }
    let Some(gallery) = result.gallery() else {
        return String::new();
    };
    let mut text = format!(
        ", among {} prints of {} people",
        gallery.prints, gallery.people
    );
    let rates: Vec<_> = match result {
        AnswerResult::Found {
            by: FoundBy::Fingerprint { fpir, .. },
            ..
        } => vec![fpir],
        AnswerResult::Possible { candidates, .. } => candidates.iter().map(|c| &c.fpir).collect(),
        _ => Vec::new(),
    };
    for fpir in rates {
        text += &format!(", by accident in 1 search of {} at most", fpir.one_in);
    }
    text
}

fn numbers(first: u64, last: u64) -> String {
    if first == last {
        format!("#{first}")
    } else {
        format!("#{first} to #{last}")
    }
}

fn verify_journal(call: &Call, admin: &Admin) -> Result<ExitCode, CliError> {
    let device: DeviceId = call.id("DEVICE")?;
    let report = admin.archive().verify_journal(device)?;
    say(format_args!("{} envelopes", report.envelopes))?;
    for finding in &report.findings {
        let what = finding.wrong.word();
        say(format_args!(
            "{what} {}",
            numbers(finding.first, finding.last)
        ))?;
    }
    for (first, last) in &report.acknowledged {
        say(format_args!("declared lost {}", numbers(*first, *last)))?;
    }
    match &report.replica {
        ReplicaCheck::None => say("no replica to compare with")?,
        ReplicaCheck::Compared(count) => say(format_args!("{count} compared with the replica"))?,
        ReplicaCheck::Unreadable(why) => say(format_args!("the replica cannot be read: {why}"))?,
    }
    for (seq, flag) in admin.archive().device_flags(device)? {
        say(format_args!("flag #{seq} {}", flag.code()))?;
    }
    Ok(ExitCode::from(match report.replica {
        _ if !report.sound() => 3,
        // What was cut off together with every trace of it would not have been seen.
        ReplicaCheck::None => 4,
        _ => 0,
    }))
}
