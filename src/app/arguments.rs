//! The command line: what it asks for.

use super::start::StartError;
use std::ffi::OsString;
use std::path::PathBuf;

/// How fingerprint scanners are reached.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Scanners {
    /// Certified ones, behind the Secure Biometric Interface.
    Certified {
        /// Certificates of the authorities under which they sign, PEM.
        roots: PathBuf,
        /// The environment that they are registered for; production, if none is named.
        environment: Option<String>,
    },
    /// A reader of the system, by libfprint.
    Libfprint {
        /// Its pixels an inch by its data sheet, where the driver does not know them.
        ppi: Option<u16>,
    },
}

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Action {
    Run {
        data: PathBuf,
        tpm: Option<String>,
        night: bool,
        scanners: Option<Scanners>,
    },
    Enrol {
        data: PathBuf,
        tpm: Option<String>,
        server: String,
        ca: PathBuf,
        code: String,
    },
    /// Writes what support may read: numbers and codes.
    SupportBundle {
        data: PathBuf,
        tpm: Option<String>,
        out: PathBuf,
    },
    /// Writes what is not safe at central to a file.
    ExportQueue {
        data: PathBuf,
        tpm: Option<String>,
        out: PathBuf,
    },
    /// Applies central's word on such a file.
    ImportReceipt {
        data: PathBuf,
        tpm: Option<String>,
        file: PathBuf,
    },
    /// Says what a citizen's receipt says, and whether it is genuine; of no tablet.
    VerifyReceipt {
        ca: PathBuf,
        /// Its text, or a picture of it; `-`: on standard input.
        file: PathBuf,
    },
    /// Puts back what databases that were moved aside still hold: one, or all of them.
    Salvage {
        data: PathBuf,
        tpm: Option<String>,
        dir: Option<PathBuf>,
    },
}

/// # Errors
/// [`StartError::Arguments`], or what is missing.
pub(super) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Action, StartError> {
    use lexopt::prelude::{Long, Value, ValueExt as _};
    let mut parser = lexopt::Parser::from_args(arguments);
    let (mut data, mut tpm, mut server, mut ca, mut code) = (None, None, None, None, None);
    let (mut out, mut night) = (None, false);
    let (mut roots, mut environment) = (None, None);
    let (mut libfprint, mut ppi) = (false, None);
    let mut words: Vec<OsString> = Vec::new();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("data") => data = Some(PathBuf::from(parser.value()?)),
            Long("tpm") => tpm = Some(parser.value()?.string()?),
            Long("night") => night = true,
            Long("scanner-roots") => roots = Some(PathBuf::from(parser.value()?)),
            Long("scanner-environment") => environment = Some(parser.value()?.string()?),
            Long("scanner-libfprint") => libfprint = true,
            Long("scanner-ppi") => ppi = Some(parser.value()?.parse()?),
            Long("server") => server = Some(parser.value()?.string()?),
            Long("ca") => ca = Some(PathBuf::from(parser.value()?)),
            Long("code") => code = Some(parser.value()?.string()?),
            Long("out") => out = Some(PathBuf::from(parser.value()?)),
            Value(word) if words.len() < 3 => words.push(word),
            other => return Err(other.unexpected().into()),
        }
    }
    if words.first().is_some_and(|word| word == "receipt") {
        return receipt(words, ca);
    }
    let data = data.ok_or(StartError::NoData)?;
    let mut words = words.into_iter();
    let command = words.next().unwrap_or_default();
    // The second word of a command that has two.
    let of_vault = command == "vault" && words.next().is_some_and(|word| word == "salvage");
    let operand = words.next().map(PathBuf::from);
    if let Some(more) = words.next() {
        return Err(Value(more).unexpected().into());
    }
    let enrolment = (server, ca, code);
    let takes_operand = of_vault || command == "import-receipt";
    match (command.to_str(), operand) {
        (_, Some(operand)) if !takes_operand => Err(Value(operand.into()).unexpected().into()),
        (Some(""), _) if enrolment == (None, None, None) => Ok(Action::Run {
            data,
            tpm,
            night,
            scanners: scanners(roots, environment, libfprint, ppi)?,
        }),
        (Some("" | "enrol"), _) => match enrolment {
            (Some(server), Some(ca), Some(code)) if command == "enrol" => Ok(Action::Enrol {
                data,
                tpm,
                server,
                ca,
                code,
            }),
            _ => Err(StartError::EnrolIncomplete),
        },
        (Some("export-queue"), _) => {
            let out = out.ok_or(StartError::NoFile)?;
            Ok(Action::ExportQueue { data, tpm, out })
        }
        (Some("support-bundle"), _) => {
            let out = out.ok_or(StartError::NoOut)?;
            Ok(Action::SupportBundle { data, tpm, out })
        }
        (Some("import-receipt"), file) => {
            let file = file.ok_or(StartError::NoFile)?;
            Ok(Action::ImportReceipt { data, tpm, file })
        }
        (Some("vault"), dir) if of_vault => Ok(Action::Salvage { data, tpm, dir }),
        _ => Err(Value(command).unexpected().into()),
    }
}

/// `receipt verify --ca FILE RECEIPT`.
fn receipt(words: Vec<OsString>, ca: Option<PathBuf>) -> Result<Action, StartError> {
    let mut words = words.into_iter().skip(1);
    match (words.next(), words.next(), ca) {
        (Some(word), Some(file), Some(ca)) if word == "verify" => Ok(Action::VerifyReceipt {
            ca,
            file: file.into(),
        }),
        _ => Err(StartError::ReceiptIncomplete),
    }
}

/// One way to scanners, or none.
fn scanners(
    roots: Option<PathBuf>,
    environment: Option<String>,
    libfprint: bool,
    ppi: Option<u16>,
) -> Result<Option<Scanners>, StartError> {
    match (roots, libfprint) {
        (Some(_), true) => Err(StartError::TwoScanners),
        (None, _) if environment.is_some() => Err(StartError::NoRoots),
        (_, false) if ppi.is_some() => Err(StartError::NoReader),
        (Some(roots), false) => Ok(Some(Scanners::Certified { roots, environment })),
        (None, true) => Ok(Some(Scanners::Libfprint { ppi })),
        (None, false) => Ok(None),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Action, StartError> {
        parse(words.iter().map(OsString::from))
    }

    #[test]
    fn a_tablet_runs_where_its_data_are() {
        let action = parsed(&["--data", "d", "--night"]).unwrap();
        assert_eq!(
            action,
            Action::Run {
                data: "d".into(),
                tpm: None,
                night: true,
                scanners: None,
            }
        );
        let run = ["--data", "d", "--scanner-environment", "Staging"];
        assert!(matches!(parsed(&run), Err(StartError::NoRoots)));
        let run = [&run[..], &["--scanner-roots", "r.pem"]].concat();
        let Ok(Action::Run { scanners, .. }) = parsed(&run) else {
            panic!()
        };
        let wanted = Scanners::Certified {
            roots: "r.pem".into(),
            environment: Some("Staging".into()),
        };
        assert_eq!(scanners, Some(wanted));
        assert!(matches!(parsed(&["--night"]), Err(StartError::NoData)));
        assert!(matches!(
            parsed(&["--data", "d", "--nihgt"]),
            Err(StartError::Arguments(_))
        ));
    }

    #[test]
    fn scanners_are_reached_in_one_way() {
        fn of(words: &[&str]) -> Result<Option<Scanners>, StartError> {
            match parsed(&[words, &["--data", "d"]].concat())? {
                Action::Run { scanners, .. } => Ok(scanners),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(of(&[]).unwrap(), None);
        let reader = |ppi| Some(Scanners::Libfprint { ppi });
        assert_eq!(of(&["--scanner-libfprint"]).unwrap(), reader(None));
        let told = ["--scanner-libfprint", "--scanner-ppi", "500"];
        assert_eq!(of(&told).unwrap(), reader(Some(500)));
        assert!(matches!(of(&told[1..]), Err(StartError::NoReader)));
        let roots = ["--scanner-roots", "r.pem"];
        assert!(matches!(
            of(&[&roots[..], &told[1..]].concat()),
            Err(StartError::NoReader)
        ));
        assert!(matches!(
            of(&[&roots[..], &told[..1]].concat()),
            Err(StartError::TwoScanners)
        ));
        let environment = ["--scanner-environment", "Staging"];
        assert!(matches!(
            of(&[&environment[..], &told[..1]].concat()),
            Err(StartError::NoRoots)
        ));
        for ppi in ["", "many", "-1", "65536"] {
            assert!(matches!(
                of(&["--scanner-libfprint", "--scanner-ppi", ppi]),
                Err(StartError::Arguments(_))
            ));
        }
    }

    #[test]
    fn a_tpm_may_be_named() {
        let Action::Run { tpm, .. } =
            parsed(&["--data", "d", "--tpm", "device:/dev/tpm1"]).unwrap()
        else {
            panic!("not a run");
        };
        assert_eq!(tpm.as_deref(), Some("device:/dev/tpm1"));
    }

    #[test]
    fn a_support_bundle_needs_a_file_to_go_to() {
        let all = ["support-bundle", "--data", "d", "--out", "f"];
        let action = parsed(&all).unwrap();
        let (data, out) = ("d".into(), "f".into());
        assert_eq!(
            action,
            Action::SupportBundle {
                data,
                tpm: None,
                out
            }
        );
        assert!(matches!(parsed(&all[..3]), Err(StartError::NoOut)));
    }

    #[test]
    fn the_administrators_commands_say_what_they_work_on() {
        let of = |words: &[&str]| parsed(&[words, &["--data", "d"]].concat());
        let data = || PathBuf::from("d");
        let out = PathBuf::from("q");
        let action = of(&["export-queue", "--out", "q"]).unwrap();
        assert_eq!(
            action,
            Action::ExportQueue {
                data: data(),
                tpm: None,
                out
            }
        );
        let file = PathBuf::from("q.receipt");
        let action = of(&["import-receipt", "q.receipt"]).unwrap();
        assert_eq!(
            action,
            Action::ImportReceipt {
                data: data(),
                tpm: None,
                file
            }
        );
        for (words, dir) in [
            (&["vault", "salvage"][..], None),
            (&["vault", "salvage", "d/damaged-1"], Some("d/damaged-1")),
        ] {
            let dir = dir.map(PathBuf::from);
            let action = of(words).unwrap();
            assert_eq!(
                action,
                Action::Salvage {
                    data: data(),
                    tpm: None,
                    dir
                }
            );
        }
        assert!(matches!(of(&["export-queue"]), Err(StartError::NoFile)));
        assert!(matches!(of(&["import-receipt"]), Err(StartError::NoFile)));
        for words in [
            &["vault"][..],
            &["vault", "burn"],
            &["exprot-queue"],
            &["export-queue", "more", "--out", "q"],
            &["import-receipt", "a", "b"],
        ] {
            assert!(
                matches!(of(words), Err(StartError::Arguments(_))),
                "{words:?}"
            );
        }
    }

    #[test]
    fn a_receipt_is_verified_by_a_ca_and_no_tablet() {
        for file in ["r.png", "-"] {
            let action = parsed(&["receipt", "verify", "--ca", "c", file]).unwrap();
            let (ca, file) = ("c".into(), file.into());
            assert_eq!(action, Action::VerifyReceipt { ca, file });
        }
        for words in [
            &["receipt"][..],
            &["receipt", "verify", "r.png"],
            &["receipt", "verify", "--ca", "c"],
            &["receipt", "print", "--ca", "c", "r.png"],
        ] {
            assert!(
                matches!(parsed(words), Err(StartError::ReceiptIncomplete)),
                "{words:?}"
            );
        }
        assert!(matches!(
            parsed(&["receipt", "verify", "a", "b", "--ca", "c"]),
            Err(StartError::Arguments(_))
        ));
    }

    #[test]
    fn enrolment_needs_all_it_needs() {
        let all = [
            "enrol", "--data", "d", "--server", "s", "--ca", "c", "--code", "1",
        ];
        assert!(matches!(parsed(&all), Ok(Action::Enrol { .. })));
        assert!(matches!(
            parsed(&all[..7]),
            Err(StartError::EnrolIncomplete)
        ));
        assert!(matches!(
            parsed(&all[1..]),
            Err(StartError::EnrolIncomplete)
        ));
    }
}
